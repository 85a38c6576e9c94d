import { priorities, type Priority, type Task, type UpdateTaskInput } from '@typedo/contract';
import type { Command } from 'commander';
import { toDue, withWeekday } from '../days.ts';
import { usageError } from '../errors.ts';
import { allLists, findList, findTasks, inboxName } from '../find.ts';
import { oneLine } from '../output.ts';
import { choiceOption, type Cli } from '../program.ts';
import { signedIn } from '../service.ts';

interface EditOptions {
  title?: string;
  /** false by `--no-due`. */
  due?: string | false;
  /** As it was typed: the service judges it. */
  priority?: Priority;
  notes?: string;
}

async function edit({ env, output }: Cli, text: string, options: EditOptions): Promise<void> {
  const { due, ...rest } = options;
  if (Object.keys(options).length === 0) {
    throw usageError('What is to be changed?', 'See: typedo edit --help');
  }
  const change: Omit<UpdateTaskInput, 'id'> = {
    ...rest,
    ...(due !== undefined && { due: due === false ? null : await toDue(due) }),
  };
  await signedIn(env, async (typedo) => {
    const [id = ''] = await findTasks(typedo, [text], {}, 'task');
    const task = await typedo.tasks.update.mutate({ id, ...change });
    const day = task.due?.kind === 'date' ? `, due ${withWeekday(task.due.date)}` : '';
    output.print(task, ({ title }) => `Changed: ${oneLine(title)}${day}`);
  });
}

async function move({ env, output }: Cli, texts: string[], listName: string): Promise<void> {
  await signedIn(env, async (typedo) => {
    const lists = await allLists(typedo);
    const listId = findList(lists, listName);
    const ids = await findTasks(typedo, texts, {}, 'task');
    // One after the other, so that they come in the order that they were named in.
    const tasks: Task[] = [];
    for (const id of ids) tasks.push(await typedo.tasks.move.mutate({ id, listId }));
    const name = lists.find(({ id }) => id === listId)?.name ?? inboxName;
    output.print(tasks, () =>
      tasks.map(({ title }) => `Moved to ${oneLine(name)}: ${oneLine(title)}`).join('\n'),
    );
  });
}

export function addChangeCommands(program: Command, cli: Cli): void {
  program
    .command('edit')
    .description('change a task')
    .argument('<id>', 'an id as typedo list shows it, or a whole one')
    .option('--title <text>', 'what is to be done')
    .option('--due <date>', 'the day it is due, such as tomorrow or 2026-12-24')
    .option('--no-due', 'it is due on no day')
    .addOption(choiceOption('--priority <priority>', 'how much it matters', priorities))
    .option('--notes <text>', 'anything more')
    .action((text: string, options: EditOptions) => edit(cli, text, options));
  program
    .command('move')
    .description('move tasks to a list')
    .argument('<id...>', 'ids as typedo list shows them, or whole ones')
    .requiredOption('--list <name|id>', `the list, or the ${inboxName}`)
    .action((texts: string[], { list }: { list: string }) => move(cli, texts, list));
}
