import type { List, ListTasksInput } from '@typedo/contract';
import type { Command } from 'commander';
import { isoDay, toDay } from '../days.ts';
import { allLists, findList, inboxName } from '../find.ts';
import { paint } from '../colors.ts';
import { count } from '../output.ts';
import { type Cli, toWholeNumber } from '../program.ts';
import { collect, signedIn } from '../service.ts';
import { isOverdue, taskTable } from '../task-table.ts';

interface ListOptions {
  list?: string;
  completed?: boolean;
  trash?: boolean;
  dueFrom?: string;
  dueTo?: string;
  limit?: number;
}

/** What was asked for, with days as the wire has them. */
const toFilter = async (options: ListOptions, lists: List[]): Promise<ListTasksInput> => ({
  listId: options.list === undefined ? undefined : findList(lists, options.list),
  completed: options.trash ? options.completed : (options.completed ?? false),
  trashed: options.trash,
  dueFrom: options.dueFrom && (await toDay(options.dueFrom)),
  dueTo: options.dueTo && (await toDay(options.dueTo)),
});

async function list({ env, output }: Cli, options: ListOptions): Promise<void> {
  await signedIn(env, async (typedo) => {
    // Unless a list must be found first, both travel in one request.
    const found = options.list === undefined ? undefined : await allLists(typedo);
    const filter = await toFilter(options, found ?? []);
    const [lists, { items, hasMore }] = await Promise.all([
      found ?? allLists(typedo),
      collect((page) => typedo.tasks.list.query({ ...filter, ...page }), options.limit),
    ]);
    output.print(items, () => {
      if (items.length === 0) return 'No tasks.';
      const more = `The first ${count(items.length, 'task')}; --limit lets more through.`;
      return (
        taskTable(items, lists, { ...options, isOneList: options.list !== undefined }) +
        (hasMore ? `\n${paint('dim', more)}` : '')
      );
    });
  });
}

async function today({ env, output }: Cli): Promise<void> {
  await signedIn(env, async (typedo) => {
    const filter = { completed: false, dueTo: isoDay(new Date()) };
    const [lists, { items }] = await Promise.all([
      allLists(typedo),
      collect((page) => typedo.tasks.list.query({ ...filter, ...page })),
    ]);
    output.print(items, () => {
      if (items.length === 0) return 'Nothing is due today.';
      const overdue = items.filter((task) => isOverdue(task)).length;
      const note = overdue > 0 ? `\n${paint('red', `${count(overdue, 'task')} overdue.`)}` : '';
      return taskTable(items, lists, {}) + note;
    });
  });
}

export function addTaskListCommands(program: Command, cli: Cli): void {
  program
    .command('list')
    .description('show tasks, the open ones unless told otherwise')
    .option('--list <name|id>', `only those of a list, or of the ${inboxName}`)
    .option('--completed', 'the completed ones, latest first')
    .option('--trash', 'what is in the trash, latest first')
    .option('--due-from <date>', 'due on this day or later, such as monday')
    .option('--due-to <date>', 'due on this day or earlier, such as 2026-12-24')
    .option('--limit <number>', 'how many at most (default: all)', toWholeNumber)
    .action((options: ListOptions) => list(cli, options));
  program
    .command('today')
    .description('show what is due today, and what is overdue')
    .action(() => today(cli));
}
