import { readFile } from 'node:fs/promises';
import type { TypedoClient } from '@typedo/client';
import { readCsvTasks } from '../src/csv-tasks.ts';
import { CliError, toFailure } from '../src/errors.ts';
import { allLists } from '../src/find.ts';
import {
  type ImportPlan,
  importTasks,
  notImportable,
  planImport,
  whereStopped,
} from '../src/import-tasks.ts';
import { count, oneLine } from '../src/output.ts';
import { type Cli, createProgram, run } from '../src/program.ts';
import { createProgress } from '../src/progress.ts';
import { atService, signedIn } from '../src/service.ts';

const noInput = 66;

const readInput = async (file: string): Promise<Buffer> =>
  readFile(file).catch((error: NodeJS.ErrnoException) => {
    const message = `${file} cannot be read (${error.code}).`;
    const todo = 'Check the path.';
    throw new CliError({ code: 'FILE_UNREADABLE', message, todo, exitCode: noInput }, error);
  });

interface Summary {
  dryRun: boolean;
  tasks: number;
  completed: number;
  newLists: string[];
}

const toText = ({ dryRun, tasks, completed, newLists }: Summary): string => {
  const verb = dryRun ? 'Would import' : 'Imported';
  const made = newLists.length > 0 ? `\nNew lists: ${newLists.map(oneLine).join(', ')}.` : '';
  return `${verb} ${count(tasks, 'task')}, ${completed} of them completed.${made}`;
};

/** Imports with progress. @throws CliError that says where it stopped, beside why */
async function importPlan(
  { output }: Cli,
  plan: ImportPlan,
  typedo: TypedoClient,
  url: string,
): Promise<void> {
  const progress = createProgress('Imported', plan.records.length, output.isJson);
  let imported = 0;
  try {
    await atService(url, () =>
      importTasks(typedo, plan, (number) => {
        imported = number;
        progress.show(number);
      }),
    );
  } catch (error) {
    const failure = toFailure(error);
    const message = `${whereStopped(plan, imported)} ${failure.message}`;
    throw new CliError({ ...failure, message }, error);
  } finally {
    progress.clear();
  }
}

async function importCsv(cli: Cli, file: string, { dryRun = false }: { dryRun?: boolean }) {
  const { records, issues } = readCsvTasks(await readInput(file));
  if (issues.length > 0) throw notImportable(issues);
  await signedIn(cli.env, async (typedo, url) => {
    const plan = planImport(records, await allLists(typedo));
    if (!dryRun) await importPlan(cli, plan, typedo, url);
    const summary = {
      dryRun,
      tasks: records.length,
      completed: records.filter(({ completed }) => completed).length,
      newLists: plan.newLists.map(({ name }) => name),
    };
    cli.output.print(summary, toText);
  });
}

const program = createProgram('import-csv', 'Imports tasks from a CSV file.')
  .argument('<file>', 'CSV in UTF-8 with a header')
  .option('--dry-run', 'say what would be imported, and import nothing')
  .addHelpText(
    'after',
    `
Columns, in any order: title; and if you like list, due (YYYY-MM-DD), priority (none, low, medium,
high), notes, completed (true or false). Lists that are not there are made.`,
  );

await run(program, (program, cli) => {
  program.action((file: string, options: { dryRun?: boolean }) => importCsv(cli, file, options));
});
