import type { TypedoClient } from '@typedo/client';
import type { ListTasksInput, Task, TaskId } from '@typedo/contract';
import type { Command } from 'commander';
import { findTasks } from '../find.ts';
import { oneLine } from '../output.ts';
import type { Cli } from '../program.ts';
import { signedIn } from '../service.ts';
import { shortener } from '../short-id.ts';

interface Verb {
  name: string;
  description: string;
  /** Among which tasks the end of an id is looked up. */
  among: ListTasksInput;
  /** What those are called. */
  kind: string;
  call: (typedo: TypedoClient, id: TaskId) => Promise<Task>;
  toText: (title: string, shortId: string) => string;
}

const verbs: Verb[] = [
  {
    name: 'done',
    description: 'complete tasks',
    among: { completed: false },
    kind: 'open task',
    call: (typedo, id) => typedo.tasks.complete.mutate({ id }),
    toText: (title) => `Done: ${title}`,
  },
  {
    name: 'reopen',
    description: 'open completed tasks again',
    among: { completed: true },
    kind: 'completed task',
    call: (typedo, id) => typedo.tasks.reopen.mutate({ id }),
    toText: (title) => `Open again: ${title}`,
  },
  {
    name: 'rm',
    description: 'move tasks to the trash',
    among: {},
    kind: 'task',
    call: (typedo, id) => typedo.tasks.delete.mutate({ id }),
    toText: (title, shortId) => `In the trash: ${title} (typedo restore ${shortId})`,
  },
  {
    name: 'restore',
    description: 'bring tasks back from the trash',
    among: { trashed: true },
    kind: 'task in the trash',
    call: (typedo, id) => typedo.tasks.restore.mutate({ id }),
    toText: (title) => `Restored: ${title}`,
  },
];

/** The verbs that do one thing to some tasks. */
export function addTaskVerbs(program: Command, { env, output }: Cli): void {
  for (const { name, description, among, kind, call, toText } of verbs) {
    program
      .command(name)
      .description(description)
      .argument('<id...>', 'ids as typedo list shows them, or whole ones')
      .action((texts: string[]) =>
        signedIn(env, async (typedo) => {
          const ids = await findTasks(typedo, texts, among, kind);
          const tasks = await Promise.all(ids.map((id) => call(typedo, id)));
          const short = shortener(ids);
          output.print(tasks, () =>
            tasks.map(({ id, title }) => toText(oneLine(title), short(id))).join('\n'),
          );
        }),
      );
  }
}
