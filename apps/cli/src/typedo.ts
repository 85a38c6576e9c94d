import { addApiCommand } from './commands/api.ts';
import { addCompletionCommands } from './commands/completion.ts';
import { addChangeCommands } from './commands/change.ts';
import { addHistoryCommands } from './commands/history.ts';
import { addListsCommand } from './commands/lists.ts';
import { addSessionCommands } from './commands/session.ts';
import { addTaskCommand } from './commands/add.ts';
import { addTaskListCommands } from './commands/list.ts';
import { addTaskVerbs } from './commands/task-verbs.ts';
import { createProgram, run } from './program.ts';

const program = createProgram('typedo', 'Your tasks, on the command line.');

await run(program, (program, cli) => {
  for (const addTo of [
    addSessionCommands,
    addListsCommand,
    addTaskListCommands,
    addTaskCommand,
    addTaskVerbs,
    addChangeCommands,
    addHistoryCommands,
    addApiCommand,
    addCompletionCommands,
  ]) {
    addTo(program, cli);
  }
});
