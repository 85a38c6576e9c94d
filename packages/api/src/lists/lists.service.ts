import {
  type ArchiveListInput,
  CatalogueError,
  type ChangeListInput,
  type CreateListInput,
  type DeleteListOutput,
  type List,
  type ListId,
  limits,
  type ListListsInput,
  type ListPage,
  type UpdateListInput,
} from '@typedo/contract';
import { isUniqueViolation } from '@typedo/db';
import { v7 as uuidv7 } from 'uuid';
import type { UserContext } from '../context.ts';
import { afterCursor, orderBy, type Sequence, toPage } from '../cursor.ts';
import { orderKeyAfter, type Siblings } from '../ordering.ts';
import { defined } from '../patch.ts';
import { requireVersion, withVersion } from '../versions.ts';
import { toList } from './list.ts';

const usersOrder: Sequence = {
  name: 'order',
  direction: 'asc',
  columns: [
    { field: 'orderKey', type: 'orderKey' },
    { field: 'id', type: 'id' },
  ],
};

const siblings: Siblings = { table: 'lists', model: (db) => db.list, where: {} };

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

/** @throws LIST_NOT_FOUND */
export async function getList({ db }: Pick<UserContext, 'db'>, id: ListId): Promise<List> {
  const row = await db.list.findUnique({ where: { id } });
  if (!row) throw new CatalogueError('LIST_NOT_FOUND');
  return toList(row);
}

export async function createList({ db }: UserContext, input: CreateListInput): Promise<List> {
  const orderKey = await orderKeyAfter(db, siblings, undefined);
  const { id = uuidv7(), name, color } = input;
  try {
    return toList(await db.list.create({ data: { id, name, orderKey, ...defined({ color }) } }));
  } catch (error) {
    throw isUniqueViolation(error) ? new CatalogueError('ID_TAKEN', { cause: error }) : error;
  }
}

export async function updateList({ db }: UserContext, input: UpdateListInput): Promise<List> {
  const { id, expectedVersion, name, color, afterId } = input;
  const orderKey =
    afterId === undefined ? undefined : await orderKeyAfter(db, siblings, afterId, id);
  const data = defined({ name, color, orderKey });
  const [changed] = Object.keys(data).length
    ? await db.list.updateManyAndReturn({ where: { id, ...withVersion(expectedVersion) }, data })
    : [];
  return changed ? toList(changed) : requireVersion(await getList({ db }, id), expectedVersion);
}

/** Archives a list or brings it back; one that is so already stays as it is. */
export async function archiveList({ db }: UserContext, input: ArchiveListInput): Promise<List> {
  const { id, expectedVersion, archived = true } = input;
  const [changed] = await db.list.updateManyAndReturn({
    where: { id, archived: !archived, ...withVersion(expectedVersion) },
    data: { archived },
  });
  return changed ? toList(changed) : requireVersion(await getList({ db }, id), expectedVersion);
}

/** Deletes a list for good; its tasks go to the trash, from where they come back to the Inbox. */
export async function deleteList(
  { db, clock }: UserContext,
  { id, expectedVersion }: ChangeListInput,
): Promise<DeleteListOutput> {
  requireVersion(await getList({ db }, id), expectedVersion);
  const { count: trashedTasks } = await db.task.updateMany({
    where: { listId: id, deletedAt: null },
    data: { listId: null, deletedAt: clock.now() },
  });
  // Those in the trash already keep their time there.
  await db.task.updateMany({ where: { listId: id }, data: { listId: null } });
  await db.list.deleteMany({ where: { id } });
  return { id, trashedTasks, revision: Number(await db.revision()) };
}
