import { atMost, type Figure, none } from '../../../scripts/figures.ts';
import { follow } from '../../server/test/follow.ts';
import { limit } from './limits.ts';
import type { Scene } from './scene.ts';
import { add, type Counts, spend } from './spend.ts';
import type { Stack } from './stack.ts';
import { compare } from './streams.ts';
import { until } from './until.ts';

const windowMs = 60_000;

/** Each begins, and gives what ends it. */
const faultsOf = ({ redis, gates }: Stack): Record<string, () => Promise<() => unknown>> => ({
  async killed() {
    await redis.kill();
    return () => redis.start();
  },
  async paused() {
    redis.pause();
    return () => redis.resume();
  },
  async 'answering garbage'() {
    const end = await redis.replaceByGarbage();
    return async () => {
      await end();
      await redis.start();
    };
  },
  async 'behind a silent network'() {
    gates.redis.hold(true);
    return () => gates.redis.hold(false);
  },
});

/** Takes Redis away in several ways, and gives it back, while users call and follow. */
export async function checkRedis(scene: Scene, rounds: number): Promise<Figure[]> {
  const { stack } = scene;
  const urls = stack.instances.map(({ url }) => url);
  const all: Counts = new Map();
  let [most, slowestMs, lost, doubled] = [0, 0, 0, 0];
  const failures: string[] = [];
  const faults = Object.entries(faultsOf(stack));
  for (let n = 0; n < rounds * faults.length; n += 1) {
    const [name, begin] = faults[n % faults.length] ?? [];
    if (!name || !begin) break;
    const [spender, author] = await scene.newPeople(2);
    if (!spender || !author) break;
    const streams = urls.map(() => follow(author.client, '0'));
    const made: string[] = [];
    const change = async (title: string): Promise<void> => {
      try {
        await author.client.tasks.create.mutate({ title });
        made.push(title);
      } catch (error) {
        failures.push(`Redis ${name}: ${String(error)}`);
      }
      // A stream that nobody wakes looks for itself in the end.
      await Promise.all(streams.map(({ titles }) => compare(made, titles)));
    };
    await change('before');
    const from = performance.now();
    const counts = await spend(urls, spender, 60);
    const spendMore = async (calls: number): Promise<void> => {
      for (const [status, count] of await spend(urls, spender, calls)) add(counts, status, count);
    };
    const end = await begin();
    await spendMore(5 * limit);
    await change('meanwhile');
    await spendMore(limit);
    await end();
    const endedAt = performance.now();
    await spendMore(5 * limit);
    const windows = Math.ceil((performance.now() - from) / windowMs);
    most = Math.max(most, (counts.get(200) ?? 0) / windows);
    for (const [status, count] of counts) add(all, status, count);
    // It is back when what one instance counted is known to the others.
    await until(async () => {
      const again = await spend(urls, await scene.newPerson(), 2 * limit);
      for (const [status, count] of again) add(all, status, count);
      // One call was made before, to find out who they are.
      return again.get(200) === limit - 1;
    });
    const backMs = Math.round(performance.now() - endedAt);
    slowestMs = Math.max(slowestMs, backMs);
    console.log(`Redis ${name}: back after ${backMs} ms`);
    await change('after');
    for (const { titles, close } of streams) {
      const events = await compare(made, titles);
      lost += events.lost;
      doubled += events.doubled;
      close();
    }
  }
  for (const failure of failures) console.log(failure);
  const calls = [...all.values()].reduce((sum, count) => sum + count, 0);
  const right = (all.get(200) ?? 0) + (all.get(429) ?? 0);
  return [
    none(`Redis, of ${calls} calls neither done nor limited`, calls - right + failures.length),
    none('Redis, events lost', lost),
    none('Redis, events doubled', doubled),
    {
      name: 'Redis, calls of a user let through in a window at most',
      value: most,
      goal: `${limit} to ${urls.length * limit}`,
      isMet: most >= limit && most <= urls.length * limit,
    },
    scene.timed(atMost('Redis, slowest recovery, ms', slowestMs, 10_000)),
  ];
}
