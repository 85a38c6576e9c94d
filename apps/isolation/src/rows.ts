import type pg from 'pg';
import { type Markers, writtenOut } from '../../../scripts/testing/markers.ts';
import type { User } from '../../../scripts/testing/users.ts';

const ownedTables = `select attrelid::regclass::text as name from pg_attribute join pg_class c on c.oid = attrelid
  where attname = 'owner_id' and relkind in ('r', 'p') order by 1`;
const identityTables = [
  ['auth_users', 'id'],
  ['auth_sessions', 'user_id'],
  ['auth_accounts', 'user_id'],
];

const tablesOf = async (operator: pg.Client): Promise<string[]> => {
  const { rows } = await operator.query<{ name: string }>(ownedTables);
  return rows.map(({ name }) => name);
};

/** A hash of every row that a user has, theirs in the tables of identity included. */
export async function rowHashes(operator: pg.Client, user: User): Promise<string[]> {
  const hashes: string[] = [];
  const read = async (table: string, column: string, value: string) => {
    const { rows } = await operator.query<{ hash: string }>(
      `select md5(t::text) as hash from ${table} t where ${column} = $1`,
      [value],
    );
    hashes.push(...rows.map(({ hash }) => `${table} ${hash}`));
  };
  for (const table of await tablesOf(operator)) await read(table, 'owner_id', user.ownerId);
  await read('owners', 'id', user.ownerId);
  if (hashes.length === 0) throw new Error(`The operator sees nothing of ${user.name}.`);
  await operator.query('set role typedo_auth');
  for (const [table = '', column = ''] of identityTables) await read(table, column, user.subject);
  await operator.query('set role typedo_operator');
  return hashes;
}

/** How many rows are in one of two lists of hashes, and not in the other. */
export function changedRows(before: string[], after: string[]): number {
  const left = [...after];
  const gone = before.filter((hash) => {
    const at = left.indexOf(hash);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return Math.max(gone.length, left.length);
}

/** Rows of users that hold something of another, a sentence each. */
export async function mixedRows(
  operator: pg.Client,
  users: User[],
  markers: Markers,
): Promise<string[]> {
  const names = new Map(users.map(({ ownerId, name }) => [ownerId, name]));
  const found: string[] = [];
  for (const table of await tablesOf(operator)) {
    const { rows } = await operator.query<{ owner_id: string; row: string }>(
      `select owner_id, t::text as row from ${table} t`,
    );
    for (const { owner_id: ownerId, row } of rows) {
      const name = names.get(ownerId);
      const others = markers.others(writtenOut(row), name);
      if (others.length > 0) found.push(`${table}: a row of ${name} holds what is ${others[0]}'s`);
    }
  }
  return found;
}
