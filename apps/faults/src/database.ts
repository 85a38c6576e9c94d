import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { atMost, type Figure, none } from '../../../scripts/figures.ts';
import { pooledConnections } from '../../../scripts/testing/pgbouncer.ts';
import { ownConnection } from '../../../scripts/testing/world.ts';
import { type Answer, isDone, isRefused } from './ask.ts';
import { startProbe } from './probe.ts';
import type { Scene } from './scene.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

/** Answers at each place before the next is done. */
const enough = 6;

/** Each begins, and gives what ends it. */
const faultsOf = ({ postgres, gates }: Stack): Record<string, () => Promise<() => unknown>> => ({
  async stopped() {
    await postgres.stop();
    return () => postgres.start();
  },
  async paused() {
    await postgres.pause();
    return () => postgres.resume();
  },
  async 'behind a silent network'() {
    gates.pgBouncer.hold(true);
    return () => gates.pgBouncer.hold(false);
  },
  async exhausted() {
    const clients = Array.from({ length: pooledConnections }, () => {
      const client = new pg.Client(gates.pgBouncer.url);
      return client.on('error', () => {});
    });
    for (const client of clients) {
      await client.connect();
      await client.query('begin; select 1');
    }
    return () => Promise.all(clients.map((client) => client.end()));
  },
});

const cutAll = `select pg_terminate_backend(pid) from pg_stat_activity
  where usename = 'typedo' and application_name <> '${ownConnection}'`;

/** Takes the database away in several ways, and gives it back. */
export async function checkDatabase(
  scene: Scene,
  { downMs, cuts }: { downMs: number; cuts: number },
): Promise<Figure[]> {
  const { stack } = scene;
  const places = [stack.url, ...stack.instances.map(({ url }) => url)];
  const crashed = () => stack.instances.reduce((sum, { crashes }) => sum + crashes(), 0);
  const before = crashed();
  const probe = startProbe(scene, await scene.newPeople(6), places);
  /** Waits until enough of what comes now, at each place, is so. */
  const hear = (is: (answer: Answer) => boolean): Promise<number> => {
    const first = probe.answers.length;
    const isHeard = (place: string): boolean =>
      probe.answers.slice(first).filter((one) => one.place === place && is(one)).length >= enough;
    return until(() => places.every(isHeard));
  };
  await hear(isDone);

  const recoveries = new Map<string, number>();
  for (const [name, begin] of Object.entries(faultsOf(stack))) {
    const end = await begin();
    await Promise.all([hear(isRefused), sleep(downMs)]);
    await end();
    const endedAt = performance.now();
    await until(() =>
      places.every((place) => {
        const own = probe.answers.filter((one) => one.place === place).slice(-enough);
        return own.every((one) => one.at > endedAt && isDone(one));
      }),
    );
    const wrongAt = probe.answers.findLast((one) => !isDone(one))?.at ?? 0;
    recoveries.set(name, Math.round(Math.max(0, wrongAt - endedAt)));
  }
  const administrator = new pg.Client(stack.postgres.administratorUrl);
  await administrator.connect();
  for (let n = 0; n < cuts; n += 1) {
    await administrator.query(cutAll);
    await hear(isDone);
  }
  await administrator.end();
  await probe.stop();

  const { answers, life, foreign } = probe;
  const wrong = answers.filter((one) => !isDone(one) && !isRefused(one));
  const refused = answers.filter(isRefused).length;
  for (const { place, status, ms, text } of wrong.slice(0, 10)) {
    const who = place === stack.url ? 'haproxy' : 'an instance';
    console.log(`database: ${who} answered ${status} after ${Math.round(ms)} ms: ${text}`);
  }
  for (const [name, ms] of recoveries) console.log(`database ${name}: back after ${ms} ms`);
  for (const sentence of foreign.slice(0, 5)) console.log(`database: ${sentence}`);
  const slowest = (of: Answer[]): number =>
    of.reduce((most, { ms }) => Math.max(most, Math.round(ms)), 0);
  return [
    none(
      `database, of ${answers.length} calls neither done nor refused by 503 with Retry-After`,
      wrong.length,
    ),
    none(
      `database, of ${life.length} times /livez was not answered`,
      life.filter((one) => !isDone(one)).length,
    ),
    none('database, instances that ended', crashed() - before),
    none(`database, answers with another's data`, foreign.length),
    ...[
      atMost(`database, slowest answer, ms (${refused} were refusals)`, slowest(answers), 2500),
      atMost('database, slowest /livez, ms', slowest(life), 1000),
      atMost('database, slowest recovery, ms', Math.max(...recoveries.values()), 5000),
    ].map((figure) => scene.timed(figure)),
  ];
}
