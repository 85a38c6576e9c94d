import { priorities, type Priority } from '@typedo/contract';
import type { Command } from 'commander';
import { toDue, withWeekday } from '../days.ts';
import { allLists, findList, inboxName } from '../find.ts';
import { paint } from '../colors.ts';
import { oneLine } from '../output.ts';
import { choiceOption, type Cli } from '../program.ts';
import { signedIn } from '../service.ts';
import { shortener } from '../short-id.ts';

interface AddOptions {
  list?: string;
  due?: string;
  /** As it was typed: the service judges it. */
  priority?: Priority;
  notes?: string;
}

async function add({ env, output }: Cli, words: string[], options: AddOptions): Promise<void> {
  const { list, due, priority, notes } = options;
  await signedIn(env, async (typedo) => {
    const task = await typedo.tasks.create.mutate({
      title: words.join(' '),
      listId: list === undefined ? null : findList(await allLists(typedo), list),
      due: due === undefined ? null : await toDue(due),
      priority,
      notes,
    });
    const short = shortener([task.id]);
    output.print(task, ({ id, title, due: set }) => {
      const day = set?.kind === 'date' ? `, due ${withWeekday(set.date)}` : '';
      return `Added ${paint('cyan', short(id))} ${oneLine(title)}${day}`;
    });
  });
}

export function addTaskCommand(program: Command, cli: Cli): void {
  program
    .command('add')
    .description('add a task')
    .argument('<title...>', 'what is to be done')
    .option('--list <name|id>', `the list it goes to (default: the ${inboxName})`)
    .option('--due <date>', 'the day it is due, such as tomorrow or 2026-12-24')
    .addOption(choiceOption('--priority <priority>', 'how much it matters', priorities))
    .option('--notes <text>', 'anything more')
    .action((words: string[], options: AddOptions) => add(cli, words, options));
}
