import { CatalogueError } from '@typedo/contract';
import type { UserDb } from '@typedo/db';
import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing';

/** A row among others of one user-made order. */
interface Sibling {
  id: string;
  orderKey: string;
}

/** What is asked of a model with an order key. */
interface OrderedModel {
  findFirst(args: SiblingQuery): Promise<Sibling | null>;
  findMany(args: SiblingQuery): Promise<Sibling[]>;
}
interface SiblingQuery {
  where: object;
  orderBy?: [{ orderKey: Direction }, { id: Direction }];
  select: { id: true; orderKey: true };
}
type Direction = 'asc' | 'desc';

/** The rows that one order is made of. */
export interface Siblings {
  table: 'lists' | 'tasks';
  model: (db: UserDb) => OrderedModel;
  where: object;
}

/**
 * Inserting again and again at one place makes keys longer each time; from here on all keys of the
 * order are made anew.
 */
const maxKeyLength = 64;
const select = { id: true, orderKey: true } as const;
const inOrder = (direction: Direction): [{ orderKey: Direction }, { id: Direction }] => [
  { orderKey: direction },
  { id: direction },
];

/**
 * The order key that puts a row right after `afterId`: at the top when that is null, at the end
 * when it is absent.
 *
 * @param db within a transaction of the owner, so that no key is given twice
 * @param movedId the row itself, when it is in this order already
 * @throws VALIDATION_FAILED naming `afterId` when no such row is in the order
 */
export async function orderKeyAfter(
  db: UserDb,
  siblings: Siblings,
  afterId: string | null | undefined,
  movedId?: string,
): Promise<string> {
  const key = await keyBetween(db, siblings, afterId, movedId);
  if (key !== undefined && key.length <= maxKeyLength) return key;
  await makeKeysAnew(db, siblings);
  const fresh = await keyBetween(db, siblings, afterId, movedId);
  if (fresh === undefined) throw new Error('Two rows have one order key after rebalancing.');
  return fresh;
}

/** Undefined where nothing fits: between two rows that were made at the same moment. */
async function keyBetween(
  db: UserDb,
  { model, where }: Siblings,
  afterId: string | null | undefined,
  movedId: string | undefined,
): Promise<string | undefined> {
  const rows = model(db);
  const others = { ...where, ...(movedId !== undefined && { id: { not: movedId } }) };
  if (afterId === undefined) {
    const last = await rows.findFirst({ where: others, orderBy: inOrder('desc'), select });
    return generateKeyBetween(last?.orderKey ?? null, null);
  }
  const after =
    afterId === null ? null : await rows.findFirst({ where: { ...where, id: afterId }, select });
  if (afterId !== null && (!after || afterId === movedId)) throw unknownSibling();
  const beyond = after && {
    OR: [{ orderKey: { gt: after.orderKey } }, { orderKey: after.orderKey, id: { gt: after.id } }],
  };
  const next = await rows.findFirst({
    where: { ...others, ...beyond },
    orderBy: inOrder('asc'),
    select,
  });
  if (after && next && after.orderKey === next.orderKey) return undefined;
  return generateKeyBetween(after?.orderKey ?? null, next?.orderKey ?? null);
}

async function makeKeysAnew(db: UserDb, { table, model, where }: Siblings): Promise<void> {
  const rows = await model(db).findMany({ where, orderBy: inOrder('asc'), select });
  const keys = generateNKeysBetween(null, null, rows.length);
  await db.reorder(
    table,
    rows.map(({ id }, index) => ({ id, orderKey: keys[index] ?? '' })),
  );
}

const unknownSibling = () =>
  new CatalogueError('VALIDATION_FAILED', {
    message: 'Not valid: afterId.',
    issues: [{ path: ['afterId'], message: 'Names nothing to come after here.' }],
  });
