import {
  type AccountExport,
  type AccountRows,
  CatalogueError,
  type DeleteAccountInput,
  type KeptCall,
  limits,
} from '@typedo/contract';
import type { Context, UserContext } from '../context.ts';
import { afterCursor, orderBy, type Sequence, toPage } from '../cursor.ts';
import { latestFirst, toChange } from '../history/change.ts';
import { toList } from '../lists/list.ts';
import { toTask } from '../tasks/task.ts';
import { toToken } from '../tokens/token.ts';

/** How many rows are in memory as the database has them, beside all as the wire does. */
const pageSize = 1000;

const byId: Sequence = { name: 'id', direction: 'asc', columns: [{ field: 'id', type: 'id' }] };

const byKey: Sequence = { name: 'key', direction: 'asc', columns: [{ field: 'key', type: 'key' }] };
const toKeptCall = ({ key, at }: KeptCall): KeptCall => ({ key, at });

interface PageArgs {
  where: object;
  orderBy: object[];
  take: number;
}

/** All of a table, read and converted page by page. @throws EXPORT_TOO_LARGE */
async function all<Row extends object, Item>(
  sequence: Sequence,
  read: (page: PageArgs) => Promise<Row[]>,
  toItem: (row: Row) => Item,
): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const where = cursor === undefined ? {} : afterCursor(sequence, cursor);
    const rows = await read({ where, orderBy: orderBy(sequence), take: pageSize + 1 });
    const page = toPage(sequence, rows, pageSize, toItem);
    for (const item of page.items) items.push(item);
    if (items.length > limits.exportedRows) {
      const message = `There are more than ${limits.exportedRows} rows in one table.`;
      throw new CatalogueError('EXPORT_TOO_LARGE', { message });
    }
    cursor = page.nextCursor;
  }
  return items;
}

/** Everything of the user: their data as they are at one moment. @throws EXPORT_TOO_LARGE, SESSION_ENDED */
export async function exportAccount({
  actor,
  db,
  clock,
  accounts,
}: UserContext & Pick<Context, 'accounts'>): Promise<AccountExport> {
  const { user, ...known } = await accounts.describe(actor.owner.id);
  const data = await db.snapshot(async (tx) => ({
    tokens: await all(byId, (page) => tx.personalToken.findMany(page), toToken),
    lists: await all(byId, (page) => tx.list.findMany(page), toList),
    tasks: await all(byId, (page) => tx.task.findMany(page), toTask),
    changes: await all(latestFirst, (page) => tx.change.findMany(page), toChange),
    calls: await all(byKey, (page) => tx.idempotencyKey.findMany(page), toKeptCall),
  }));
  // A token tells who they were when it was made.
  const { email, name } = user ?? actor;
  return {
    exportedAt: clock.now(),
    account: { ...actor.owner, email, name },
    ...known,
    ...data,
    rows: {
      owners: 1,
      lists: data.lists.length,
      tasks: data.tasks.length,
      personal_tokens: data.tokens.length,
      changes: data.changes.length,
      idempotency_keys: data.calls.length,
      auth_users: user ? 1 : 0,
      auth_accounts: known.signInMethods.length,
      auth_sessions: known.sessions.length,
    },
  };
}

/** @throws PASSWORD_WRONG, RATE_LIMITED, SESSION_ENDED */
export async function deleteAccount(
  { actor, accounts, admitPassword }: UserContext & Pick<Context, 'accounts' | 'admitPassword'>,
  { password }: DeleteAccountInput,
): Promise<AccountRows> {
  await admitPassword();
  return accounts.delete(actor.owner.id, password);
}
