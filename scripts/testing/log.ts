import type pg from 'pg';

/** A row as the database writes it as JSON, without its owner. */
export type State = Record<string, unknown>;
/** Rows by table and id. */
export type Rows = Map<string, State>;

export interface Entry {
  revision: number;
  position: number;
  entity: string;
  id: string;
  operation: 'insert' | 'update' | 'delete';
  before: State | null;
  after: State | null;
}

export async function readLog(operator: pg.Client, ownerId: string): Promise<Entry[]> {
  const { rows } = await operator.query<Entry>(
    `select revision::int, position, entity, entity_id as id, operation, before, after
    from changes where owner_id = $1 order by changes.revision, position`,
    [ownerId],
  );
  return rows;
}

export async function readTables(operator: pg.Client, ownerId: string): Promise<Rows> {
  const rows: Rows = new Map();
  for (const table of ['lists', 'tasks']) {
    const { rows: found } = await operator.query<{ row: State }>(
      `select to_jsonb(t) - 'owner_id' as row from ${table} t where owner_id = $1`,
      [ownerId],
    );
    for (const { row } of found) rows.set(`${table} ${String(row.id)}`, row);
  }
  return rows;
}

const inOrder = (row: object): string =>
  JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
export const isSame = (one: object | undefined, other: object | undefined): boolean =>
  inOrder(one ?? {}) === inOrder(other ?? {});

/** What the log makes of nothing, and what was wrong on the way: a gap, or a change of what was not there. */
export function replay(log: Entry[]): { rows: Rows; states: State[]; findings: string[] } {
  const rows: Rows = new Map();
  const states: State[] = [];
  const findings: string[] = [];
  let [revision, position] = [0, 0];
  for (const entry of log) {
    const { entity, id, operation, before, after } = entry;
    const where = `revision ${entry.revision}.${entry.position}, ${operation} of ${entity} ${id}`;
    const follows =
      entry.revision === revision
        ? entry.position === position + 1
        : entry.revision === revision + 1 && entry.position === 1;
    if (!follows) findings.push(`${where} comes after ${revision}.${position}`);
    ({ revision, position } = entry);
    const row = rows.get(`${entity} ${id}`);
    const was = Object.fromEntries(Object.keys(before ?? {}).map((key) => [key, row?.[key]]));
    if ((operation === 'insert') !== (row === undefined) || !isSame(was, before ?? {})) {
      findings.push(`${where} does not fit what was there`);
    }
    const state = { ...row, ...after };
    states.push(state);
    if (operation === 'delete') rows.delete(`${entity} ${id}`);
    else rows.set(`${entity} ${id}`, state);
  }
  return { rows, states, findings };
}

/** Rows that are not the same in both, a sentence each. */
export function differences(what: string, one: Rows, other: Rows): string[] {
  const keys = [...new Set([...one.keys(), ...other.keys()])];
  return keys
    .filter((key) => !isSame(one.get(key), other.get(key)))
    .map((key) => `${what}: ${key}: ${JSON.stringify([one.get(key), other.get(key)])}`);
}
