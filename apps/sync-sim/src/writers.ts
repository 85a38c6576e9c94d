import { setTimeout as sleep } from 'node:timers/promises';
import type { List, Task } from '@typedo/contract';
import { createRandom } from '../../../scripts/testing/markers.ts';
import { Ledger } from './ledger.ts';
import { differences, readLog, readTables, replay } from '../../../scripts/testing/log.ts';
import { Replica } from './replica.ts';
import type { Row } from './rows.ts';
import type { Scene } from './scene.ts';
import { commandOf, writes } from './steps.ts';
import { insist, resultsOf } from './wire.ts';

export interface WritersResult {
  operations: number;
  acknowledged: number;
  deadlocks: number;
  revisions: number;
  findings: string[];
}

const mostInOnePush = 5;

/** Many writers of one user at once, who all change the same. */
export async function checkWriters(
  scene: Scene,
  { seed, writers, operations }: { seed: number; writers: number; operations: number },
): Promise<WritersResult> {
  const { url, operator } = scene.world;
  const user = await scene.newUser('writing');
  const ledger = new Ledger();
  // What they all know of: what any of them was answered.
  const known = new Replica(user);
  let [begun, last] = [0, 0];
  const learn = (answer: unknown): void => {
    const { id, revision = 0 } = answer as Partial<Row> & { revision?: number };
    last = Math.max(last, revision);
    known.position = String(last);
    if (!id) return;
    if (revision > 0) known.rows.lists.delete(id);
    else if ('title' in (answer as Row)) known.rows.tasks.set(id, answer as Task);
    else known.rows.lists.set(id, answer as List);
  };
  const work = async (writer: number): Promise<void> => {
    const random = createRandom(seed * 1_000_003 + writer);
    const own = new Replica(user);
    for (;;) {
      const length = random.below(2) ? 1 : 1 + random.below(mostInOnePush);
      for (let n = 0; n < length && begun < operations; n += 1, begun += 1) {
        const command = commandOf(known, random.pick(writes), random.below(1000), begun);
        ledger.add(command);
        own.outbox.push(command);
      }
      if (own.outbox.length === 0) return;
      while (own.outbox[0]) {
        const asked = own.outbox.length > 1 ? own.push() : own.outbox[0];
        const reply = await insist(url, user, asked);
        ledger.note(asked, reply);
        own.take(asked, reply);
        for (const { answer } of resultsOf(asked, reply)) if (answer) learn(answer);
      }
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => work(writer)));

  // PostgreSQL counts with a delay.
  await sleep(1500);
  const { rows } = await operator.query<{ deadlocks: number; revision: number }>(
    `select deadlocks::int, revision::int from pg_stat_database, owners
    where datname = current_database() and id = $1`,
    [user.ownerId],
  );
  const { deadlocks = -1, revision = 0 } = rows[0] ?? {};
  const log = await readLog(operator, user.ownerId);
  const replayed = replay(log);
  const findings = [
    ...replayed.findings,
    ...differences('the log replayed', replayed.rows, await readTables(operator, user.ownerId)),
    ...ledger.judge(log, replayed.states),
  ];
  if (log.at(-1)?.revision !== revision) findings.push(`The log does not end at ${revision}.`);
  return {
    operations: begun,
    acknowledged: ledger.acknowledged,
    deadlocks,
    revisions: revision,
    findings,
  };
}
