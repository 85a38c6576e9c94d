import type { Due, List, ListTasksInput, Task } from '@typedo/contract';
import { type Command, InvalidArgumentError } from 'commander';
import { allLists, findList, inboxName } from '../find.ts';
import { count, paint, table } from '../output.ts';
import type { Cli } from '../program.ts';
import { collect, signedIn } from '../service.ts';
import { shortener } from '../short-id.ts';

interface ListOptions {
  list?: string;
  completed?: boolean;
  trash?: boolean;
  dueFrom?: string;
  dueTo?: string;
  limit?: number;
}

/** `YYYY-MM-DD`, in this machine's time zone unless another is given. */
const toDay = (date: Date, timeZone?: string): string =>
  date.toLocaleDateString('sv-SE', { timeZone });

const dueText = (due: Due | null): string => {
  if (!due) return '';
  if (due.kind === 'date') return due.date;
  return due.kind === 'floating' ? due.local.replace('T', ' ') : toDay(due.at, due.timeZone);
};

const priorityStyle = { none: undefined, low: 'dim', medium: 'yellow', high: 'red' } as const;

const dueStyle = ({ due, completedAt, deletedAt }: Task) => {
  if (!due || completedAt || deletedAt) return undefined;
  const today = toDay(new Date());
  const day = dueText(due).slice(0, today.length);
  if (day < today) return 'red';
  return day === today ? 'yellow' : undefined;
};

const taskTable = (tasks: Task[], lists: List[], { list, completed, trash }: ListOptions) => {
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
      { head: 'LIST', cell: list || isInboxOnly ? () => '' : listName, maxWidth: 16 },
      {
        head: 'COMPLETED',
        cell: ({ completedAt }) => (completed && completedAt ? toDay(completedAt) : ''),
        maxWidth: dayWidth,
      },
      {
        head: 'DELETED',
        cell: ({ deletedAt }) => (trash && deletedAt ? toDay(deletedAt) : ''),
        maxWidth: dayWidth,
      },
    ],
    tasks,
  );
};

const toFilter = (options: ListOptions, lists: List[]): ListTasksInput => ({
  listId: options.list === undefined ? undefined : findList(lists, options.list),
  completed: options.trash ? options.completed : (options.completed ?? false),
  trashed: options.trash,
  dueFrom: options.dueFrom,
  dueTo: options.dueTo,
});

async function list({ env, output }: Cli, options: ListOptions): Promise<void> {
  await signedIn(env, async (typedo) => {
    const lists = await allLists(typedo);
    const filter = toFilter(options, lists);
    const { items, hasMore } = await collect(
      (page) => typedo.tasks.list.query({ ...filter, ...page }),
      options.limit,
    );
    output.print(items, () => {
      if (items.length === 0) return 'No tasks.';
      const more = `The first ${count(items.length, 'task')}; --limit lets more through.`;
      return taskTable(items, lists, options) + (hasMore ? `\n${paint('dim', more)}` : '');
    });
  });
}

const toLimit = (text: string): number => {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new InvalidArgumentError('It is a whole number from 1 on.');
};

export function addTaskListCommand(program: Command, cli: Cli): void {
  program
    .command('list')
    .description('show tasks, the open ones unless told otherwise')
    .option('--list <name|id>', `only those of a list, or of the ${inboxName}`)
    .option('--completed', 'the completed ones, latest first')
    .option('--trash', 'what is in the trash, latest first')
    .option('--due-from <date>', 'due on this day or later, YYYY-MM-DD')
    .option('--due-to <date>', 'due on this day or earlier, YYYY-MM-DD')
    .option('--limit <number>', 'how many at most (default: all)', toLimit)
    .action((options: ListOptions) => list(cli, options));
}
