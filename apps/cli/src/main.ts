#!/usr/bin/env node
import { addListsCommand } from './commands/lists.ts';
import { addSessionCommands } from './commands/session.ts';
import { addTaskCommand } from './commands/add.ts';
import { addTaskListCommand } from './commands/list.ts';
import { addTaskVerbs } from './commands/task-verbs.ts';
import { createProgram, run } from './program.ts';

const program = createProgram('typedo', 'Your tasks, on the command line.');

await run(program, (program, cli) => {
  for (const addTo of [
    addSessionCommands,
    addListsCommand,
    addTaskListCommand,
    addTaskCommand,
    addTaskVerbs,
  ]) {
    addTo(program, cli);
  }
});
