import { createClient as createRedisClient } from '@redis/client';
import { createClient } from '@typedo/client';
import { ownerIdSchema } from '@typedo/contract';
import { expect, onTestFinished, test } from 'vitest';
import { createLog } from '../src/log.ts';
import { createShared, type Shared } from '../src/shared.ts';
import { follow } from './follow.ts';
import {
  accessToken,
  signUpTestUser,
  startTestApp,
  type TestApp,
  type TestUser,
} from './harness.ts';
import { codeIn, sendUntilTaken } from './raw-http.ts';
import { startTestRedis, type TestRedis } from './redis-server.ts';

interface Instance {
  app: TestApp;
  shared: Shared;
  /** Which of its lines tell of Redis. */
  told: () => string[];
}

const [ann, bob] = [
  ownerIdSchema.parse('0199c2d4-7a10-7cc3-98c4-dc0c0c07398f'),
  ownerIdSchema.parse('0199c2d4-7a10-7cc3-98c4-dc0c0c073990'),
];

const openShared = async (url: string) => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const shared = await createShared(url, log);
  const told = () => lines.flatMap((line) => /lost Redis|Redis is back/.exec(line) ?? []);
  return { shared, told };
};

/** Three instances of the service on one database, which share a Redis. */
const startInstances = async (redis: TestRedis): Promise<Instance[]> => {
  const instances: Instance[] = [];
  while (instances.length < 3) {
    const { shared, told } = await openShared(redis.url);
    const app = await startTestApp({ shared, callsPerMinute: 100 });
    onTestFinished(async () => {
      await app.close();
      await shared.close();
    });
    instances.push({ app, shared, told });
  }
  return instances;
};

const startRedis = async (): Promise<TestRedis> => {
  const redis = await startTestRedis();
  onTestFinished(() => redis.kill());
  return redis;
};

const signUpAt = ([first]: Instance[]): Promise<TestUser> => {
  if (!first) throw new Error('There is no instance.');
  return signUpTestUser(first.app);
};

/** Calls as a user, each instance and face in turn, and tells what each is answered with. */
const callEach = async (instances: Instance[], user: TestUser, calls: number) => {
  const urls = instances.map(({ app }) => app.url);
  const authorization = `Bearer ${await accessToken({ url: urls[0] ?? '' }, user.session)}`;
  const answers = Array.from({ length: calls }, (_, n) =>
    sendUntilTaken(urls[n % urls.length] ?? '', {
      path: n % 2 ? '/api/trpc/tasks.list' : '/api/v1/tasks',
      headers: { authorization },
    }),
  );
  return (await Promise.all(answers)).map(({ text }) => codeIn(text));
};
const count = (codes: string[], code: string): number => codes.filter((one) => one === code).length;

/** Makes tasks by the first instance, each of which it waits for at the last, and gives all from there. */
const follower = async (instances: Instance[]) => {
  const user = await signUpAt(instances);
  const [writer, reader] = [instances.at(0), instances.at(-1)].map((instance) =>
    createClient({ url: instance?.app.url ?? '', auth: user.session }),
  );
  if (!writer || !reader) throw new Error('There is no instance.');
  const stream = follow(reader);
  onTestFinished(stream.close);
  await stream.first;
  const titles: string[] = [];
  return async (title: string) => {
    titles.push(title);
    await writer.tasks.create.mutate({ title });
    // A stream that nobody wakes looks for itself after twenty seconds.
    await expect.poll(stream.titles, { timeout: 15_000 }).toEqual(titles);
    return stream.titles();
  };
};

test('of 1,000 calls over three instances exactly 100 pass in a window', async () => {
  const instances = await startInstances(await startRedis());
  const codes = await callEach(instances, await signUpAt(instances), 1000);
  expect([count(codes, 'ok'), count(codes, 'RATE_LIMITED')]).toEqual([100, 900]);
});

test('a change by one instance wakes a stream of another at once', async () => {
  const change = await follower(await startInstances(await startRedis()));
  await change('one');
  await change('two');
  expect(await change('three')).toEqual(['one', 'two', 'three']);
});

test('a wake-up wakes each instance once, and what is none wakes nobody', async () => {
  const redis = await startRedis();
  const [one, two] = [await openShared(redis.url), await openShared(redis.url)];
  const stranger = await createRedisClient({ url: redis.url }).connect();
  onTestFinished(async () => {
    stranger.destroy();
    await Promise.all([one, two].map(({ shared }) => shared.close()));
  });
  const woken: string[] = [];
  for (const [name, { shared }] of Object.entries({ one, two })) {
    shared.wakeUps.onWake(ann, () => void woken.push(`ann at ${name}`));
    shared.wakeUps.onWake(bob, () => void woken.push(`bob at ${name}`));
  }
  one.shared.wakeUps.wake(ann);
  await expect.poll(() => woken.toSorted()).toEqual(['ann at one', 'ann at two']);
  for (const message of ['', 'x', ann, `x ${ann}x`, `x  ${ann}`, `x ${ann}\n`, 'x error']) {
    await stranger.publish('typedo:wake-ups', message);
  }
  // What came before it was heard before it.
  two.shared.wakeUps.wake(bob);
  await expect
    .poll(() => woken.toSorted())
    .toEqual(['ann at one', 'ann at two', 'bob at one', 'bob at two']);
});

/** Each does it, and gives what undoes it. */
const faults: [string, (redis: TestRedis) => Promise<() => Promise<void>>][] = [
  [
    'killed',
    async (redis) => {
      await redis.kill();
      return () => redis.start();
    },
  ],
  [
    'paused',
    async (redis) => {
      redis.pause();
      return async () => redis.resume();
    },
  ],
  [
    'answering garbage',
    async (redis) => {
      const end = await redis.replaceByGarbage();
      return async () => {
        await end();
        await redis.start();
      };
    },
  ],
];

test.each(faults)(
  'with Redis %s, calls, streams and limits go on, and all is back with it',
  async (_, fail) => {
    const redis = await startRedis();
    const instances = await startInstances(redis);
    const user = await signUpAt(instances);
    const change = await follower(instances);
    await change('before');

    const startedAt = performance.now();
    const codes = await callEach(instances, user, 60);
    const heal = await fail(redis);
    codes.push(...(await callEach(instances, user, 900)));
    await change('meanwhile');
    codes.push(...(await callEach(instances, user, 90)));
    for (const { app } of instances) {
      await expect.poll(async () => (await fetch(`${app.url}/readyz`)).status).toBe(200);
    }
    await heal();
    for (const { told } of instances) {
      await expect.poll(told).toEqual(['lost Redis', 'Redis is back']);
    }
    codes.push(...(await callEach(instances, user, 900)));
    const windows = Math.ceil((performance.now() - startedAt) / 60_000);
    expect(count(codes, 'ok') + count(codes, 'RATE_LIMITED')).toBe(codes.length);
    expect(count(codes, 'ok')).toBeGreaterThanOrEqual(100);
    expect(count(codes, 'ok')).toBeLessThanOrEqual(instances.length * 100 * windows);

    const after = await callEach(instances, await signUpAt(instances), 1000);
    expect(count(after, 'ok')).toBe(100);
    expect(await change('after')).toEqual(['before', 'meanwhile', 'after']);
  },
);

test('a server starts without its Redis, and stops without it', async () => {
  const redis = await startRedis();
  await redis.kill();
  const { shared, told } = await openShared(redis.url);
  expect(told()).toEqual(['lost Redis']);
  const app = await startTestApp({ shared });
  const { client } = await signUpTestUser(app);
  await client.tasks.create.mutate({ title: 'without' });
  await redis.start();
  await expect.poll(told).toEqual(['lost Redis', 'Redis is back']);
  await app.close();
  redis.pause();
  shared.wakeUps.wake(ann);
  await shared.close();
});
