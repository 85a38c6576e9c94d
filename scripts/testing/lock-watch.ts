import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

const everyMs = 20;

/** How long, in milliseconds at most, tables were locked by a program, and somebody waited for it. */
export interface Locks {
  heldMs: number;
  waitedMs: number;
}

// Tables that are only being made are seen by nobody else.
const look = `
  with program as (select pid from pg_stat_activity where application_name = $1)
  select
    array(select distinct relation::int from pg_locks join pg_class on pg_class.oid = relation
      where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and granted
        and pid in (select pid from program)
        and mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    ) as locked,
    coalesce((select max(extract(epoch from clock_timestamp() - waitstart)) * 1000 from pg_locks
      where not granted and pg_blocking_pids(pid) && array(select pid from program)), 0)::float as "waitedMs"`;

/** Looks at the locks of a program, by the name of its connections, until it is told to stop. */
export async function watchLocks(
  administratorUrl: string,
  program: string,
): Promise<() => Promise<Locks>> {
  const client = new pg.Client(administratorUrl);
  await client.connect();
  const over = new AbortController();
  const locks: Locks = { heldMs: 0, waitedMs: 0 };
  const since = new Map<number, number>();
  const working = (async () => {
    while (!over.signal.aborted) {
      const from = performance.now();
      const { rows } = await client.query<{ locked: number[]; waitedMs: number }>(look, [program]);
      const { locked, waitedMs } = rows[0] ?? { locked: [], waitedMs: 0 };
      for (const table of since.keys()) if (!locked.includes(table)) since.delete(table);
      for (const table of locked) {
        // It may have been locked just after the look before, and stay so until the next one.
        if (!since.has(table)) since.set(table, from - everyMs);
        locks.heldMs = Math.max(locks.heldMs, performance.now() - (since.get(table) ?? from));
      }
      locks.waitedMs = Math.max(locks.waitedMs, waitedMs);
      await wait(everyMs);
    }
    await client.end();
  })();
  return async () => {
    over.abort();
    await working;
    return locks;
  };
}
