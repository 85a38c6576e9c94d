import type { OwnerId } from '@typedo/contract';
import { begin, type ScopedPool, scopePrelude } from './scoped-pool.ts';

/** How long the log goes back, and how long what was thrown away can be brought back. */
export const horizonDays = 30;
/** How long a call can be sent again. */
const keyDays = 1;
const dayMs = 24 * 60 * 60 * 1000;

// Some read a whole table, for which a call's bound may be too short.
const allowMinutes = { text: `select set_config('statement_timeout', '10min', true)` };

/** How many rows went. */
export interface Forgotten {
  tasks: number;
  changes: number;
  keys: number;
}

/**
 * Deletes for good what users threw away before the horizon, what the log has from before it, and
 * the keys of calls that are a day old. An owner at a time, as the operator, so that nobody waits
 * long for it.
 */
export async function forgetPast(pool: ScopedPool, now: Date): Promise<Forgotten> {
  const daysAgo = (days: number): Date => new Date(now.getTime() - days * dayMs);
  const before = daysAgo(horizonDays);
  const run = (text: string, values: unknown[], ownerId?: OwnerId) => {
    const scope = scopePrelude({ role: 'typedo_operator', actor: 'horizon', ownerId });
    return pool.transact([begin, scope, allowMinutes], (transaction) =>
      transaction.query({ text, values }),
    );
  };
  const { rows } = await run(
    'select distinct owner_id::text as "ownerId" from tasks where deleted_at < $1',
    [before],
  );
  let tasks = 0;
  for (const { ownerId } of rows as { ownerId: OwnerId }[]) {
    const gone = 'delete from tasks where owner_id = $1 and deleted_at < $2';
    tasks += (await run(gone, [ownerId, before], ownerId)).rowCount ?? 0;
  }
  const changes = await run('delete from changes where at < $1', [before]);
  const keys = await run('delete from idempotency_keys where at < $1', [daysAgo(keyDays)]);
  return { tasks, changes: changes.rowCount ?? 0, keys: keys.rowCount ?? 0 };
}
