import {
  type ArchiveListInput,
  CatalogueError,
  type CreateListInput,
  type DeleteListOutput,
  type List,
  type ListId,
  limits,
  type ListListsInput,
  type ListPage,
  type UpdateListInput,
} from '@typedo/contract';
import { isUniqueViolation, type UserDb } from '@typedo/db';
import { v7 as uuidv7 } from 'uuid';
import type { UserContext } from '../context.ts';
import { afterCursor, orderBy, type Sequence, toPage } from '../cursor.ts';
import { orderKeyAfter, type Siblings } from '../ordering.ts';
import { defined } from '../patch.ts';
import { toList } from './list.ts';

const usersOrder: Sequence = {
  name: 'order',
  direction: 'asc',
  columns: [
    { field: 'orderKey', type: 'text' },
    { field: 'id', type: 'text' },
  ],
};

const siblings = (db: UserDb): Siblings => ({
  next: (direction, { after, except } = {}) =>
    db.list.findFirst({
      where: {
        ...(except && { id: { not: except } }),
        ...(after && {
          OR: [
            { orderKey: { gt: after.orderKey } },
            { orderKey: after.orderKey, id: { gt: after.id } },
          ],
        }),
      },
      orderBy: [{ orderKey: direction }, { id: direction }],
      select: { id: true, orderKey: true },
    }),
  find: (id) => db.list.findFirst({ where: { id }, select: { id: true, orderKey: true } }),
  all: () =>
    db.list.findMany({ orderBy: orderBy(usersOrder), select: { id: true, orderKey: true } }),
  reorder: (rows) => db.reorder('lists', rows),
});

export async function listLists(
  { db }: UserContext,
  input: ListListsInput = {},
): Promise<ListPage> {
  const limit = input.limit ?? limits.defaultPageSize;
  const rows = await db.list.findMany({
    where: {
      ...(input.archived !== undefined && { archived: input.archived }),
      ...(input.cursor && afterCursor(usersOrder, input.cursor)),
    },
    orderBy: orderBy(usersOrder),
    take: limit + 1,
  });
  return toPage(usersOrder, rows, limit, toList);
}

export async function createList({ db }: UserContext, input: CreateListInput): Promise<List> {
  const orderKey = await orderKeyAfter(siblings(db), undefined);
  const { id = uuidv7(), name, color } = input;
  try {
    return toList(await db.list.create({ data: { id, name, orderKey, ...defined({ color }) } }));
  } catch (error) {
    throw isUniqueViolation(error) ? new CatalogueError('ID_TAKEN', { cause: error }) : error;
  }
}

export async function updateList(
  { db }: UserContext,
  { id, name, color, afterId }: UpdateListInput,
): Promise<List> {
  const orderKey =
    afterId === undefined ? undefined : await orderKeyAfter(siblings(db), afterId, id);
  return change(db, id, defined({ name, color, orderKey }));
}

export const archiveList = (
  { db }: UserContext,
  { id, archived = true }: ArchiveListInput,
): Promise<List> => change(db, id, { archived });

/** Deletes a list for good; its tasks go to the trash, from where they come back to the Inbox. */
export const deleteList = ({ db, clock }: UserContext, id: ListId): Promise<DeleteListOutput> =>
  db.transaction(async (tx) => {
    const trashed = await tx.task.updateMany({
      where: { listId: id, deletedAt: null },
      data: { deletedAt: clock.now() },
    });
    // Those in the trash already keep their time there; all of them let go of the list.
    await tx.task.updateMany({ where: { listId: id }, data: { listId: null } });
    const { count } = await tx.list.deleteMany({ where: { id } });
    if (count === 0) throw new CatalogueError('LIST_NOT_FOUND');
    return { id, trashedTasks: trashed.count };
  });

type ListChange = Partial<Pick<List, 'name' | 'color' | 'archived'>> & { orderKey?: string };

/** Changes what differs, so that saying the same twice is one change. */
async function change(db: UserDb, id: ListId, data: ListChange): Promise<List> {
  const current = await db.list.findFirst({ where: { id } });
  if (!current) throw new CatalogueError('LIST_NOT_FOUND');
  const isSame = Object.entries(data).every(([key, value]) => Reflect.get(current, key) === value);
  if (isSame) return toList(current);
  const [changed] = await db.list.updateManyAndReturn({ where: { id }, data });
  if (!changed) throw new CatalogueError('LIST_NOT_FOUND');
  return toList(changed);
}
