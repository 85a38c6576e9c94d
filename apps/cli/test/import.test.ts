import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@typedo/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUpTestUser, startTestApp, type TestApp } from '../../server/test/harness.ts';
import { readCsvTasks } from '../src/csv-tasks.ts';
import { importTasks, planImport } from '../src/import-tasks.ts';
import { importScript, openShell } from './shell.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** A new user with a CSV file in their shell. */
async function prepare(...lines: string[]) {
  const user = await signUpTestUser(app);
  const shell = await openShell({ TYPEDO_URL: app.url, TYPEDO_SESSION: user.session.session });
  const file = join(shell.dir, 'tasks.csv');
  await writeFile(file, lines.join('\r\n'));
  const tasks = async () => (await user.client.tasks.list.query({ limit: 100 })).items;
  return { ...shell, file, user, tasks };
}

test('every row of a file becomes a task, in the order of the file', async () => {
  const titles = Array.from({ length: 95 }, (_, index) => `Task ${index}`);
  const { importCsv, file, tasks } = await prepare('title', ...titles);
  expect(await importCsv(file)).toEqual({
    exitCode: 0,
    stdout: 'Imported 95 tasks, 0 of them completed.\n',
    stderr: '',
  });
  expect((await tasks()).map(({ title }) => title)).toEqual(titles);
});

test('a spreadsheet’s file keeps its lists, days, quotes and line breaks', async () => {
  const { importCsv, file, user, tasks } = await prepare(
    '\uFEFFDue,TITLE,List,Notes,Priority,Completed',
    '2026-12-24,"Say ""hi"", then go",Work,"two\r\nlines",High,',
    ',Sleep,inbox,,,yes',
    ',Report,WORK,,,no',
    '',
  );
  await user.client.lists.create.mutate({ name: 'work' });
  const { exitCode, stdout } = await importCsv(file, '--json');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ dryRun: false, tasks: 3, completed: 1, newLists: [] });
  const [list] = (await user.client.lists.list.query({})).items;
  const byTitle = new Map((await tasks()).map((task) => [task.title, task]));
  expect(byTitle.get('Say "hi", then go')).toMatchObject({
    listId: list?.id,
    due: { kind: 'date', date: '2026-12-24' },
    notes: 'two\r\nlines',
    priority: 'high',
    completedAt: null,
  });
  expect(byTitle.get('Sleep')).toMatchObject({ listId: null, completedAt: expect.any(Date) });
  expect(byTitle.get('Report')).toMatchObject({ listId: list?.id });
});

test('a terminal sees how far the import has come', async () => {
  const { env, file } = await prepare('title', ...Array.from({ length: 125 }, () => 'x'));
  const command = `'${process.execPath}' '${importScript}' '${file}'`;
  // util-linux's script gives a command a terminal.
  const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null'], { env });
  expect(stdout).toMatch(/█+░+ Imported 100 of 125[^]*█{20} Imported 125 of 125/);
  expect(stdout).toContain('\r\u001B[KImported 125 tasks, 0 of them completed.\r\n');
});

test('a file that is larger than one request may be is imported all the same', async () => {
  const rows = Array.from({ length: 100 }, (_, index) => `${index},${'n'.repeat(10_000)}`);
  const { importCsv, file, tasks } = await prepare('title,notes', ...rows);
  expect((await importCsv(file)).exitCode).toBe(0);
  expect(await tasks()).toHaveLength(100);
});

test('lists that are missing are made once', async () => {
  const { importCsv, file, user } = await prepare('title,list', 'a,Home', 'b,home', 'c,Work');
  expect((await importCsv(file)).stdout).toContain('New lists: Home, Work.');
  const { items } = await user.client.lists.list.query({});
  expect(items.map(({ name }) => name)).toEqual(['Home', 'Work']);
});

test('a dry run says what would be imported and imports nothing', async () => {
  const { importCsv, file, user, tasks } = await prepare('title,list', 'a,Home', 'b,');
  expect(await importCsv(file, '--dry-run')).toMatchObject({
    exitCode: 0,
    stdout: 'Would import 2 tasks, 0 of them completed.\nNew lists: Home.\n',
  });
  expect(await tasks()).toEqual([]);
  expect((await user.client.lists.list.query({})).items).toEqual([]);
});

test('bad rows are all named by line and field, and then nothing is imported', async () => {
  const { importCsv, file, tasks } = await prepare(
    'title,due,priority,completed',
    'Good,2026-12-24,low,yes',
    '"Two\r\nlines",2026-02-30,,',
    '',
    ',,urgent,maybe',
    'Short,2026-12-24',
  );
  const { exitCode, stdout, stderr } = await importCsv(file);
  expect({ exitCode, stdout }).toEqual({ exitCode: 65, stdout: '' });
  expect(stderr.match(/line \d+, [\w ]+(?=:)/g)).toEqual([
    'line 3, due',
    'line 6, title',
    'line 6, priority',
    'line 6, completed',
    'line 7, the line',
  ]);
  expect(await tasks()).toEqual([]);
});

test.each([
  ['has no title column', 'name,due\na,', ['line 1, name', 'line 1, title']],
  ['is empty', '', ['line 1, title']],
  ['has a quote that is never closed', 'title\na\n"b\nc', ['line 3, the file']],
])('a file that %s is refused with the place', (_name, text, places) => {
  const { records, issues } = readCsvTasks(Buffer.from(text));
  expect(records.length).toBeLessThanOrEqual(1);
  expect(issues.map(({ path }) => `line ${path.join(', ')}`)).toEqual(places);
});

test('a file that is not UTF-8 is refused rather than garbled', () => {
  const { issues } = readCsvTasks(Buffer.from('title\ncafé', 'latin1'));
  expect(issues).toMatchObject([{ message: expect.stringContaining('UTF-8') }]);
});

test('a task for an archived list stops the import before it begins', async () => {
  const { importCsv, file, user, tasks } = await prepare('title,list', 'a,', 'b,Old');
  const { id } = await user.client.lists.create.mutate({ name: 'Old' });
  await user.client.lists.archive.mutate({ id });
  const { exitCode, stderr } = await importCsv(file);
  expect(exitCode).toBe(65);
  expect(stderr).toContain('line 3, list: The list "Old" is archived.');
  expect(await tasks()).toEqual([]);
});

test('nothing is imported twice when the service’s answers get lost on the way', async () => {
  const { user, tasks } = await prepare();
  let posts = 0;
  const forgetful = createClient({
    url: app.url,
    auth: user.session,
    async fetch(input, init) {
      const response = await fetch(input, init);
      if (init?.method !== 'POST') return response;
      posts += 1;
      // Every second answer is lost, after the service did what it was asked to.
      if (posts % 2 === 1) throw new TypeError('fetch failed');
      return response;
    },
  });
  const { records } = readCsvTasks(Buffer.from('title,list,completed\na,Home,yes\nb,Home,\nc,,'));
  const progress: number[] = [];
  await importTasks(forgetful, planImport(records, []), (imported) => progress.push(imported));
  expect((await tasks()).map(({ title }) => title).toSorted()).toEqual(['a', 'b', 'c']);
  expect((await user.client.lists.list.query({})).items).toHaveLength(1);
  expect(progress).toEqual([3]);
});
