import { limits, type ListTasksInput, type TaskPage } from '@typedo/contract';
import type { UserContext } from '../context.ts';
import { afterCursor, orderBy, type Sequence, toPage } from '../cursor.ts';
import { toDateColumn, toTask } from './task.ts';

const id = { field: 'id', type: 'id' } as const;
const orderKey = { field: 'orderKey', type: 'orderKey' } as const;

const sequences = {
  usersOrder: { name: 'order', direction: 'asc', columns: [orderKey, id] },
  byDueDay: {
    name: 'due',
    direction: 'asc',
    columns: [{ field: 'dueDate', type: 'date' }, orderKey, id],
  },
  latestCompleted: {
    name: 'completed',
    direction: 'desc',
    columns: [{ field: 'completedAt', type: 'date' }, id],
  },
  latestTrashed: {
    name: 'trash',
    direction: 'desc',
    columns: [{ field: 'deletedAt', type: 'date' }, id],
  },
} satisfies Record<string, Sequence>;

/** The order that is natural for what is asked; each filter makes sure its columns are not null. */
const sequenceOf = ({ trashed, completed, dueFrom, dueTo }: ListTasksInput): Sequence => {
  if (trashed) return sequences.latestTrashed;
  if (completed) return sequences.latestCompleted;
  return dueFrom || dueTo ? sequences.byDueDay : sequences.usersOrder;
};

const whereOf = ({ listId, completed, dueFrom, dueTo, trashed }: ListTasksInput) => ({
  deletedAt: trashed ? { not: null } : null,
  ...(completed !== undefined && { completedAt: completed ? { not: null } : null }),
  ...(listId !== undefined && { listId }),
  ...((dueFrom || dueTo) && {
    dueDate: {
      ...(dueFrom && { gte: toDateColumn(dueFrom) }),
      ...(dueTo && { lte: toDateColumn(dueTo) }),
    },
  }),
  // Who archives a list wants its tasks out of every other view, though not out of the trash.
  ...(listId === undefined &&
    !trashed && { OR: [{ listId: null }, { list: { is: { archived: false } } }] }),
});

export async function listTasks(
  { db }: UserContext,
  input: ListTasksInput = {},
): Promise<TaskPage> {
  const sequence = sequenceOf(input);
  const limit = input.limit ?? limits.defaultPageSize;
  const rows = await db.task.findMany({
    where: { ...whereOf(input), ...(input.cursor && afterCursor(sequence, input.cursor)) },
    orderBy: orderBy(sequence),
    take: limit + 1,
  });
  return toPage(sequence, rows, limit, toTask);
}
