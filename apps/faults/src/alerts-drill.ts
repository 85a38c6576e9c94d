import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createClient } from '@typedo/client';
import pg from 'pg';
import { all, type Figure, none, report } from '../../../scripts/figures.ts';
import { freePort } from '../../../scripts/testing/free-port.ts';
import { follow } from '../../server/test/follow.ts';
import { ask } from './ask.ts';
import { startPrometheus } from './prometheus.ts';
import { createScene } from './scene.ts';
import { startStack } from './stack.ts';
import { until } from './until.ts';

// `pnpm alerts:drill`: each alert of deploy/prometheus/alerts.yml fires by the fault that it is for,
// and no more once the fault is over, as Prometheus sees it.

const { values } = parseArgs({ options: { json: { type: 'string' } } });
/** Hours become minutes. */
const factor = 60;
const healthyMs = 40_000;
/** A call of so many is to the procedure that will fail for good. */
const rarely = 20;

await using started = new AsyncDisposableStack();
const stack = started.use(await startStack());
const { gates, instances, postgres } = stack;
const [instance] = instances;
if (!instance) throw new Error('There is no instance.');
const ports = await Promise.all(instances.map(freePort));
const start = async (n: number): Promise<void> =>
  instances[n]?.start({ METRICS_PORT: `${ports[n]}` });
for (const [n, one] of instances.entries()) {
  await one.kill();
  await start(n);
}
const prometheus = started.use(await startPrometheus(ports, factor));
const administrator = new pg.Client(postgres.administratorUrl);
// PostgreSQL is stopped.
administrator.on('error', () => {});
await administrator.connect();

const scene = createScene(stack, { seed: 1, isFull: true });
const people = await scene.newPeople(6);
const over = new AbortController();
/** Does something again and again, until told otherwise. What it comes to is for Prometheus to see. */
const repeat = (work: () => Promise<unknown>, betweenMs: number, signal = over.signal) =>
  (async () => {
    while (!signal.aborted) {
      await work().catch(() => {});
      await sleep(betweenMs);
    }
  })();
let calls = 0;
const call = (): Promise<unknown> => {
  calls += 1;
  const person = people[calls % people.length];
  const path = calls % rarely === 0 ? '/api/v1/tokens' : '/api/v1/lists';
  return person ? ask(stack.url, person, { method: 'GET', path }) : Promise.resolve();
};
// Somebody writes at one instance and follows at the others, which only hear of it by wake-ups.
const { session } = await scene.newPerson();
const [author, ...followers] = instances
  .map(({ url }) => createClient({ url, auth: { session } }))
  .toReversed();
const streams = followers.map((client) => follow(client));
const usual = [
  ...people.map(() => repeat(call, 30)),
  repeat(async () => author?.tasks.create.mutate({ title: 'Milk' }), 200),
];

/** A fault that is work which somebody does, so many at once. */
const busyWith = (work: () => Promise<unknown>, betweenMs: number, times = 1) => {
  const end = new AbortController();
  const working = Array.from({ length: times }, () => repeat(work, betweenMs, end.signal));
  return async () => {
    end.abort();
    await Promise.all(working);
  };
};

/** By alert. Each begins, and gives what ends it. */
const faults: Record<string, () => Promise<() => unknown>> = {
  async TypedoDown() {
    await instance.kill();
    return () => start(0);
  },
  // One of the procedures fails for good.
  async TypedoFailsSlowly() {
    await administrator.query('revoke select on personal_tokens from typedo_app');
    return () => administrator.query('grant select on personal_tokens to typedo_app');
  },
  async TypedoSlow() {
    gates.postgres.delay(300);
    return () => gates.postgres.delay(0);
  },
  // Wake-ups do not arrive.
  async TypedoStreamsLate() {
    gates.redis.hold(true);
    return () => gates.redis.hold(false);
  },
  // More callers than connections, each of which takes its time.
  async TypedoConnectionsShort() {
    gates.postgres.delay(300);
    const end = busyWith(call, 0, 120);
    return async () => {
      gates.postgres.delay(0);
      await end();
    };
  },
  // An instance has a processor for a fifth of the time.
  async TypedoBusy() {
    return busyWith(async () => {
      instance.signal('SIGSTOP');
      await sleep(400);
      instance.signal('SIGCONT');
    }, 100);
  },
  async TypedoRestarts() {
    return busyWith(async () => {
      await instance.kill();
      await start(0);
    }, 1000);
  },
  // Somebody tries passwords, most of which a limit refuses.
  async TypedoSignInsFail() {
    const headers = { 'x-forwarded-for': '10.0.0.1', origin: stack.url };
    const body = JSON.stringify({ email: 'ann@example.com', password: 'a guess at it' });
    const request = { method: 'POST', path: '/api/auth/sign-in/email', body };
    return busyWith(() => ask(stack.url, { jwt: '', headers }, request), 10, 4);
  },
  async TypedoFails() {
    await postgres.stop();
    return () => postgres.start();
  },
};

const figures: Figure[] = [];
console.log(`Times are ${factor} times shorter than in alerts.yml, thresholds are as they are.`);
const isFiring = async (name: string): Promise<boolean> =>
  (await prometheus.firing()).includes(name);
/** Seconds until it is so; undefined when it is not to be. */
const seconds = (isSo: () => Promise<boolean>): Promise<string | undefined> =>
  until(isSo).then(
    (ms) => (ms / 1000).toFixed(1),
    () => undefined,
  );
// The first calls of an instance are slow.
await seconds(async () => calls > 2000 && (await prometheus.firing()).length === 0);
const unasked = new Set<string>();
const watching = busyWith(async () => {
  for (const name of await prometheus.firing()) unasked.add(name);
}, 100);
await sleep(healthyMs);
await watching();
figures.push(
  none(`alerts that fire while all is well ${[...unasked].join(' ')}`.trim(), unasked.size),
);
let [fired, resolved] = [0, 0];
for (const [name, begin] of Object.entries(faults)) {
  // It may come of the fault before, too.
  const isOff = await seconds(async () => !(await isFiring(name)));
  const end = await begin();
  const on = isOff && (await seconds(() => isFiring(name)));
  await end();
  const off = on && (await seconds(async () => !(await isFiring(name))));
  if (on) fired += 1;
  if (off) resolved += 1;
  console.log(`${name}: ${on ?? 'never'} s until it fires, ${off ?? 'never'} s until it does not`);
}
over.abort();
await Promise.all(usual);
for (const { close } of streams) close();
await administrator.end().catch(() => {});
figures.push(
  all('alerts that fire by their fault', fired, prometheus.names.length),
  all('alerts that end with their fault', resolved, prometheus.names.length),
);
await report(figures, { file: values.json });
