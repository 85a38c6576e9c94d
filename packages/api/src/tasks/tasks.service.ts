import {
  CatalogueError,
  type ChangeTaskInput,
  type CreateTaskInput,
  type ListId,
  type MoveTaskInput,
  type Task,
  type TaskId,
  type UpdateTaskInput,
} from '@typedo/contract';
import { isForeignKeyViolation, isUniqueViolation, type TaskRow, type UserDb } from '@typedo/db';
import { v7 as uuidv7 } from 'uuid';
import type { UserContext } from '../context.ts';
import { orderKeyAfter, type Siblings } from '../ordering.ts';
import { defined } from '../patch.ts';
import { requireVersion, withVersion } from '../versions.ts';
import { toDueColumn, toTask } from './task.ts';

const siblings = (listId: ListId | null): Siblings => ({
  table: 'tasks',
  model: (db) => db.task,
  where: { listId, deletedAt: null },
});

/** @throws LIST_NOT_FOUND, LIST_ARCHIVED */
async function requireOpenList(db: UserDb, id: ListId | null): Promise<void> {
  if (id === null) return;
  const list = await db.list.findFirst({ where: { id }, select: { archived: true } });
  if (!list) throw new CatalogueError('LIST_NOT_FOUND');
  if (list.archived) throw new CatalogueError('LIST_ARCHIVED');
}

/** The list may be deleted between the look at it and the write, which the foreign key notices. */
const asCatalogueError = (error: unknown): unknown => {
  if (isUniqueViolation(error)) return new CatalogueError('ID_TAKEN', { cause: error });
  if (isForeignKeyViolation(error)) return new CatalogueError('LIST_NOT_FOUND', { cause: error });
  return error;
};

export async function createTask({ db }: UserContext, input: CreateTaskInput): Promise<Task> {
  const { id = uuidv7(), listId = null, title, notes, priority, due } = input;
  const [orderKey] = await Promise.all([
    orderKeyAfter(db, siblings(listId), undefined),
    requireOpenList(db, listId),
  ]);
  const optional = defined({ notes, priority, dueDate: toDueColumn(due) });
  try {
    return toTask(await db.task.create({ data: { id, listId, title, orderKey, ...optional } }));
  } catch (error) {
    throw asCatalogueError(error);
  }
}

/** @throws TASK_NOT_FOUND */
async function find(db: UserDb, id: TaskId): Promise<TaskRow> {
  const row = await db.task.findUnique({ where: { id } });
  if (!row) throw new CatalogueError('TASK_NOT_FOUND');
  return row;
}

/** @throws TASK_NOT_FOUND, TASK_IN_TRASH */
async function findOutsideTrash(db: UserDb, id: TaskId): Promise<TaskRow> {
  const row = await find(db, id);
  if (row.deletedAt) throw new CatalogueError('TASK_IN_TRASH');
  return row;
}

export const getTask = async ({ db }: UserContext, id: TaskId): Promise<Task> =>
  toTask(await find(db, id));

type TaskWhere = { deletedAt?: null | { not: null }; completedAt?: null | { not: null } };
type TaskChange = Parameters<UserDb['task']['updateMany']>[0]['data'];

/**
 * Changes a task that is as `where` says. One that is not is as the change would make it: no other
 * write of its owner runs meanwhile.
 *
 * @throws TASK_NOT_FOUND, VERSION_CONFLICT, and what `look` throws
 */
async function change(
  db: UserDb,
  { id, expectedVersion }: ChangeTaskInput,
  { where, data }: { where: TaskWhere; data: TaskChange },
  look: (db: UserDb, id: TaskId) => Promise<TaskRow> = findOutsideTrash,
): Promise<Task> {
  const [changed] = await db.task.updateManyAndReturn({
    where: { id, ...where, ...withVersion(expectedVersion) },
    data,
  });
  return changed ? toTask(changed) : requireVersion(toTask(await look(db, id)), expectedVersion);
}

export async function updateTask({ db }: UserContext, input: UpdateTaskInput): Promise<Task> {
  const { id, expectedVersion, title, notes, priority, due } = input;
  const data = defined({ title, notes, priority, dueDate: toDueColumn(due) });
  if (Object.keys(data).length === 0) {
    return requireVersion(toTask(await findOutsideTrash(db, id)), expectedVersion);
  }
  return change(db, input, { where: { deletedAt: null }, data });
}

/** Completes an open task; a completed one keeps the time it has. */
export const completeTask = ({ db, clock }: UserContext, input: ChangeTaskInput): Promise<Task> => {
  const where = { deletedAt: null, completedAt: null };
  const data = { completedAt: clock.now() };
  return change(db, input, { where, data });
};

export const reopenTask = ({ db }: UserContext, input: ChangeTaskInput): Promise<Task> => {
  const where = { deletedAt: null, completedAt: { not: null } };
  const data = { completedAt: null };
  return change(db, input, { where, data });
};

export async function moveTask({ db }: UserContext, input: MoveTaskInput): Promise<Task> {
  const { id, listId, afterId } = input;
  const task = await findOutsideTrash(db, id);
  const target = listId === undefined ? task.listId : listId;
  if (target !== task.listId) await requireOpenList(db, target);
  const orderKey = await orderKeyAfter(db, siblings(target), afterId, id);
  try {
    const data = { listId: target, orderKey };
    return await change(db, input, { where: { deletedAt: null }, data });
  } catch (error) {
    throw asCatalogueError(error);
  }
}

/** Moves a task to the trash; one that is there keeps the time it has. */
export const deleteTask = ({ db, clock }: UserContext, input: ChangeTaskInput): Promise<Task> => {
  const where = { deletedAt: null };
  const data = { deletedAt: clock.now() };
  return change(db, input, { where, data }, find);
};

export const restoreTask = ({ db }: UserContext, input: ChangeTaskInput): Promise<Task> => {
  const where = { deletedAt: { not: null } };
  return change(db, input, { where, data: { deletedAt: null } }, find);
};
