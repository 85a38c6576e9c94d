import type { ListTasksInput, Task } from '@typedo/client';

/** A way to look at tasks: what is asked of the service, and how it is called. */
export interface View {
  title: string;
  input: ListTasksInput;
  /** What a task that is added here begins with; absent where none can be added. */
  newTask?: Pick<Task, 'listId' | 'due'>;
  /** What to say when there is nothing to show. */
  empty: string;
  /** Whether tasks of several lists are shown, so that each names its own. */
  isMixed?: boolean;
  /** Whether what should have been done before today stands apart. */
  hasOverdue?: boolean;
  /** Whether the user's own order shows, and can be changed. */
  isOrdered?: boolean;
}

const compare = (a: string, b: string): number => Number(a > b) - Number(a < b);
const dueDay = (task: Task): string => (task.due?.kind === 'date' ? task.due.date : '');
interface Ordered {
  id: string;
  order: string;
}
/** The user's own order. */
export const byOrder = (a: Ordered, b: Ordered): number =>
  compare(a.order, b.order) || compare(a.id, b.id);
const latest = (field: 'completedAt' | 'deletedAt') => (a: Task, b: Task) =>
  Number(b[field]) - Number(a[field]) || compare(b.id, a.id);

/** Whether the service would list this task for this input; only their own view has those of archived lists. */
export function isListed(input: ListTasksInput, task: Task, archivedIds: string[]): boolean {
  const { listId, completed, dueFrom, dueTo, trashed = false } = input;
  const day = dueDay(task);
  return (
    (task.deletedAt !== null) === trashed &&
    (listId === undefined
      ? trashed || !archivedIds.includes(task.listId ?? '')
      : task.listId === listId) &&
    (completed === undefined || (task.completedAt !== null) === completed) &&
    (!dueFrom || day >= dueFrom) &&
    (!dueTo || (day !== '' && day <= dueTo))
  );
}

/** The order that the service would list tasks in for this input. */
export function inOrder(input: ListTasksInput, tasks: Task[]): Task[] {
  const { completed, dueFrom, dueTo, trashed } = input;
  if (trashed) return tasks.toSorted(latest('deletedAt'));
  if (completed) return tasks.toSorted(latest('completedAt'));
  if (!dueFrom && !dueTo) return tasks.toSorted(byOrder);
  return tasks.toSorted((a, b) => compare(dueDay(a), dueDay(b)) || byOrder(a, b));
}

export const inboxView: View = {
  title: 'Inbox',
  input: { listId: null, completed: false },
  newTask: { listId: null, due: null },
  empty: 'Nothing in the Inbox. What comes to mind, goes here.',
  isOrdered: true,
};
/** What is due on a day or before it. */
export const todayView = (today: string): View => ({
  title: 'Today',
  input: { completed: false, dueTo: today },
  newTask: { listId: null, due: { kind: 'date', date: today } },
  empty: 'Nothing is due. Enjoy the day.',
  isMixed: true,
  hasOverdue: true,
});
export const listView = (listId: string, title: string): View => ({
  title,
  input: { listId, completed: false },
  newTask: { listId, due: null },
  empty: 'Nothing in this list yet.',
  isOrdered: true,
});
export const completedView: View = {
  title: 'Completed',
  input: { completed: true },
  empty: 'What you complete shows here, latest first.',
  isMixed: true,
};
export const trashView: View = {
  title: 'Trash',
  input: { trashed: true },
  empty: 'The trash is empty.',
  isMixed: true,
};
