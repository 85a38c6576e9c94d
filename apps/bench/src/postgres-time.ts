import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { cpuSeconds } from './process.ts';

/** Seconds that PostgreSQL worked for a database's clients so far. */
export type DatabaseClock = () => Promise<number>;

const isBackend = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes('(postgres)');
  } catch {
    return false;
  }
};

/**
 * Where PostgreSQL is on this machine: CPU of the backends. Elsewhere the time it was busy with
 * statements, which PostgreSQL counts itself and tells a second late.
 */
export function databaseClock(client: pg.Client): { clock: DatabaseClock; source: string } {
  const pids = async (): Promise<number[]> => {
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    );
    return rows.map(({ pid }) => pid);
  };
  const { host } = client;
  const isHere = ['localhost', '127.0.0.1', '::1'].includes(host);
  // A backend that has ended, as those do whose connections were idle, still counts for what it did.
  const seen = new Map<number, number>();
  const byCpu: DatabaseClock = async () => {
    for (const pid of (await pids()).filter(isBackend)) seen.set(pid, cpuSeconds(pid));
    return [...seen.values()].reduce((sum, seconds) => sum + seconds, 0);
  };
  const byStatistics: DatabaseClock = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const { rows } = await client.query<{ ms: number }>(
      'select active_time as ms from pg_stat_database where datname = current_database()',
    );
    return (rows[0]?.ms ?? 0) / 1000;
  };
  return isHere
    ? { clock: byCpu, source: 'CPU of PostgreSQL’s backends' }
    : { clock: byStatistics, source: 'active_time of pg_stat_database' };
}
