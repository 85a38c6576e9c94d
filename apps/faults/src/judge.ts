import type pg from 'pg';
import {
  differences,
  type Entry,
  readLog,
  readTables,
  replay,
} from '../../../scripts/testing/log.ts';
import type { Load } from './load.ts';

/** What became of acknowledged writes, a sentence for each that is not as it must be. */
export interface Verdict {
  lost: string[];
  doubled: string[];
  torn: string[];
  /** Log and tables tell different things. */
  unlike: string[];
}

const keyOf = ({ entity, operation, id, after }: Entry): string =>
  [entity, operation, operation === 'delete' ? id : (after?.title ?? after?.name)].join(' ');

/** Holds what each program was told to what the database has, when all writes have come to their end. */
export async function judge(operator: pg.Client, { writes }: Load): Promise<Verdict> {
  const verdict: Verdict = { lost: [], doubled: [], torn: [], unlike: [] };
  for (const [{ ownerId, name: who }, own] of writes) {
    const log = await readLog(operator, ownerId);
    const entriesOf = Map.groupBy(log, keyOf);
    const sizes = Map.groupBy(log, ({ revision }) => revision);
    const known = new Set<number>();
    for (const { entity, operation, name, rows } of own) {
      const what = `${operation} of ${entity} ${name} of ${who}`;
      const [entry, ...more] = entriesOf.get(`${entity} ${operation} ${name}`) ?? [];
      if (!entry) {
        verdict.lost.push(what);
        continue;
      }
      known.add(entry.revision);
      if (more.length > 0) verdict.doubled.push(what);
      const changed = sizes.get(entry.revision)?.length;
      if (changed !== rows) verdict.torn.push(`${what} changed ${changed} rows, not ${rows}`);
    }
    // Each write was acknowledged in the end, so that what is more was done again.
    for (const revision of sizes.keys()) {
      if (!known.has(revision)) verdict.doubled.push(`revision ${revision} of ${who}`);
    }
    const { rows, findings } = replay(log);
    const tables = await readTables(operator, ownerId);
    verdict.unlike.push(...findings, ...differences('the log replayed', rows, tables));
  }
  return verdict;
}
