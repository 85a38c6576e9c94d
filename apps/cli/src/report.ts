import type { List, Priority, Task } from '@typedo/client';
import { priorities } from '@typedo/contract';
import { isoDay } from './days.ts';
import { inboxName } from './find.ts';
import { isOverdue } from './task-table.ts';

/** How things stand, as numbers. */
export interface Report {
  open: number;
  overdue: number;
  /** Open tasks by list, and how many of them are overdue; lists without any are left out. */
  lists: { name: string; open: number; overdue: number }[];
  /** The same by priority, the highest first. */
  priorities: { name: Priority; open: number; overdue: number }[];
  /** Completed tasks by week, the latest first; `from` is its Monday. */
  weeks: { from: string; completed: number }[];
}

const mondayOf = (date: Date): Date =>
  new Date(date.getFullYear(), date.getMonth(), date.getDate() - ((date.getDay() + 6) % 7));

/** The Mondays of this week and those before it, in this machine's time zone. */
const mondays = (count: number, now: Date): Date[] => {
  const last = mondayOf(now);
  return Array.from(
    { length: count },
    (_, index) => new Date(last.getFullYear(), last.getMonth(), last.getDate() - 7 * index),
  );
};

const countsOf = (tasks: Task[]) => ({
  open: tasks.length,
  overdue: tasks.filter(isOverdue).length,
});

/** A row for each group that has tasks, in the order of the names. */
const rowsOf = <Key, Name>(groups: Map<Key, Task[]>, names: (readonly [Key, Name])[]) =>
  names.flatMap(([key, name]) => {
    const tasks = groups.get(key);
    return tasks ? [{ name, ...countsOf(tasks) }] : [];
  });

/** Counts open tasks by list and priority, and completed ones by week. */
export function toReport(
  { lists, open, completed }: { lists: List[]; open: Task[]; completed: Task[] },
  { weeks, now }: { weeks: number; now: Date },
): Report {
  const names = new Map<string | null, string>([
    [null, inboxName],
    ...lists.map(({ id, name }) => [id, name] as const),
  ]);
  const byList = Map.groupBy(open, ({ listId }) => listId);
  const byPriority = Map.groupBy(open, ({ priority }) => priority);
  const byWeek = Map.groupBy(completed, ({ completedAt }) => isoDay(mondayOf(completedAt ?? now)));
  return {
    ...countsOf(open),
    lists: rowsOf(byList, [...names]),
    priorities: rowsOf(
      byPriority,
      priorities.toReversed().map((name) => [name, name] as const),
    ),
    weeks: mondays(weeks, now).map((monday) => {
      const from = isoDay(monday);
      return { from, completed: byWeek.get(from)?.length ?? 0 };
    }),
  };
}

const quoted = (cell: string | number): string =>
  /[",\r\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell);

/** The report as one table of RFC 4180: a row for each count, and what it is of. */
export const toCsv = (report: Report): string =>
  [
    ['group', 'name', 'open', 'overdue', 'completed'],
    ['all', '', report.open, report.overdue, ''],
    ...report.lists.map(({ name, open, overdue }) => ['list', name, open, overdue, '']),
    ...report.priorities.map(({ name, open, overdue }) => ['priority', name, open, overdue, '']),
    ...report.weeks.map(({ from, completed }) => ['week', from, '', '', completed]),
  ]
    .map((row) => row.map(quoted).join(','))
    .join('\r\n');
