import type { Due, List, Task } from '@typedo/contract';
import { isoDay } from './days.ts';
import { inboxName } from './find.ts';
import { table } from './output.ts';
import { shortener } from './short-id.ts';

/** When it is due, as short as it can be said. */
const dueText = (due: Due | null): string => {
  if (!due) return '';
  if (due.kind === 'date') return due.date;
  return due.kind === 'floating' ? due.local.replace('T', ' ') : isoDay(due.at, due.timeZone);
};

const priorityStyle = { none: undefined, low: 'dim', medium: 'yellow', high: 'red' } as const;

/** The day that an open task is due; empty when none matters any more. */
const dueDay = ({ due, completedAt, deletedAt }: Task): string =>
  due && !completedAt && !deletedAt ? dueText(due).slice(0, 'YYYY-MM-DD'.length) : '';

export const isOverdue = (task: Task): boolean =>
  dueDay(task) !== '' && dueDay(task) < isoDay(new Date());

const dueStyle = (task: Task) => {
  if (isOverdue(task)) return 'red';
  return dueDay(task) === isoDay(new Date()) ? 'yellow' : undefined;
};

/** Tasks as people read them; `completed` and `trash` add when that happened. */
export const taskTable = (
  tasks: Task[],
  lists: List[],
  shown: { isOneList?: boolean; completed?: boolean; trash?: boolean },
): string => {
  const { isOneList = false, completed = false, trash = false } = shown;
  const short = shortener(tasks.map(({ id }) => id));
  const nameOfList = new Map(lists.map(({ id, name }) => [id, name]));
  const isInboxOnly = tasks.every(({ listId }) => listId === null);
  const listName = ({ listId }: Task): string =>
    listId === null ? inboxName : (nameOfList.get(listId) ?? '');
  const dayWidth = 16;
  return table<Task>(
    [
      { head: 'ID', cell: ({ id }) => short(id), style: () => 'cyan', maxWidth: 32 },
      { head: 'TITLE', cell: ({ title }) => title },
      { head: 'DUE', cell: ({ due }) => dueText(due), style: dueStyle, maxWidth: dayWidth },
      {
        head: 'PRIORITY',
        cell: ({ priority }) => (priority === 'none' ? '' : priority),
        style: ({ priority }) => priorityStyle[priority],
        maxWidth: 8,
      },
      // Every row would say the same.
      { head: 'LIST', cell: isOneList || isInboxOnly ? () => '' : listName, maxWidth: 16 },
      {
        head: 'COMPLETED',
        cell: ({ completedAt }) => (completed && completedAt ? isoDay(completedAt) : ''),
        maxWidth: dayWidth,
      },
      {
        head: 'DELETED',
        cell: ({ deletedAt }) => (trash && deletedAt ? isoDay(deletedAt) : ''),
        maxWidth: dayWidth,
      },
    ],
    tasks,
  );
};
