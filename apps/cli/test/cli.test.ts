import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account, List, Task } from '@typedo/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUpTestUser, startTestApp, type TestApp } from '../../server/test/harness.ts';
import { openShell } from './shell.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** The shell of a new user who is signed in. */
async function openSignedInShell() {
  const user = await signUpTestUser(app);
  const shell = await openShell({ TYPEDO_URL: app.url, TYPEDO_SESSION: user.session.session });
  return { ...shell, user };
}

/** Nothing listens there. */
const outOfService = 'http://127.0.0.1:10009';
const permissionsOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
const tailOf = (task: Task) => task.id.slice(-4);
const titlesOf = (tasks: Task[]) => tasks.map(({ title }) => title);

test('who makes an account is signed in, in a file that nobody else can read', async () => {
  const shell = await openShell();
  const email = `${crypto.randomUUID()}@example.com`;
  const options = ['--url', `${app.url}/`, '--email', email, '--sign-up', '--name', 'Ann'];
  const { exitCode, stdout } = await shell.piped('correct horse\n', 'login', ...options);
  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: `Signed in at ${app.url} as Ann <${email}>.\n`,
  });
  expect(await permissionsOf(shell.configDir)).toBe('700');
  expect(await permissionsOf(join(shell.configDir, 'credentials.json'))).toBe('600');
  expect(await shell.json<Account>('whoami')).toMatchObject({ name: 'Ann', email });
});

test('signing out ends the session at the service and forgets it here', async () => {
  const { email, password } = await signUpTestUser(app);
  const shell = await openShell({ TYPEDO_PASSWORD: password });
  await shell.json('login', '--url', app.url, '--email', email);
  const file = join(shell.configDir, 'credentials.json');
  const { session } = JSON.parse(await readFile(file, 'utf8')) as { session: string };

  expect(await shell.typedo('logout')).toMatchObject({ exitCode: 0 });
  await expect(stat(file)).rejects.toThrow('ENOENT');
  const thief = await openShell({ TYPEDO_URL: app.url, TYPEDO_SESSION: session });
  expect(await thief.typedo('whoami')).toMatchObject({ exitCode: 77 });
});

test('a wrong password is refused with what to do, and stores nothing', async () => {
  const { email } = await signUpTestUser(app);
  const shell = await openShell();
  const refused = await shell.piped('wrong horse', 'login', '--url', app.url, '--email', email);
  expect(refused).toMatchObject({ exitCode: 77, stdout: '' });
  expect(refused.stderr).toBe(
    'Invalid email or password\nCheck the email address and the password.\n',
  );
  await expect(stat(shell.configDir)).rejects.toThrow('ENOENT');
});

test('a task is added, found, done, thrown away and restored by the end of its id', async () => {
  const { json } = await openSignedInShell();
  const milk = await json<Task>('add', 'Buy', 'milk', '--due', '2026-12-24', '--priority', 'high');
  expect(milk).toMatchObject({
    title: 'Buy milk',
    due: { kind: 'date', date: '2026-12-24' },
    priority: 'high',
  });
  const mum = await json<Task>('add', 'Call mum');
  expect(await json<Task[]>('list')).toEqual([milk, mum]);
  expect(await json<Task[]>('list', '--due-to', '2026-12-31')).toEqual([milk]);
  expect(await json<Task[]>('list', '--limit', '1')).toEqual([milk]);

  const [done] = await json<Task[]>('done', tailOf(milk));
  expect(done?.completedAt).toMatch(/^\d{4}-\d{2}-\d{2}T/);
  expect(titlesOf(await json('list'))).toEqual(['Call mum']);
  expect(titlesOf(await json('list', '--completed'))).toEqual(['Buy milk']);

  await json('rm', tailOf(milk), mum.id);
  expect(await json('list')).toEqual([]);
  expect(titlesOf(await json<Task[]>('list', '--trash')).toSorted()).toEqual([
    'Buy milk',
    'Call mum',
  ]);
  await json('restore', tailOf(mum));
  expect(titlesOf(await json('list'))).toEqual(['Call mum']);
});

test('what was changed is shown, undone, and done again', async () => {
  const shell = await openSignedInShell();
  expect((await shell.typedo('undo')).stderr).toContain('There is nothing to undo.');
  const task = await shell.json<Task>('add', 'Buy milk');
  await shell.json('edit', tailOf(task), '--title', 'Buy oats', '--due', '2026-12-24');
  const { stdout: history } = await shell.typedo('history');
  expect(history).toMatch(
    /^REVISION +WHEN +WHAT +FIELDS\n2 .* changed task Buy milk +title, due\n1 /,
  );
  expect(await shell.typedo('undo')).toMatchObject({
    stdout: 'Undone: changed task Buy milk. To do it again: typedo undo 3\n',
  });
  expect(titlesOf(await shell.json<Task[]>('list'))).toEqual(['Buy milk']);
  await shell.json('undo', '3');
  expect(titlesOf(await shell.json<Task[]>('list'))).toEqual(['Buy oats']);
  expect(await shell.typedo('undo', '2')).toMatchObject({ exitCode: 0 });
  expect(await shell.typedo('undo', '99')).toMatchObject({ exitCode: 66 });
});

test('a list is named in any case, or by its id', async () => {
  const { json, typedo, user } = await openSignedInShell();
  const work = await user.client.lists.create.mutate({ name: 'Work' });
  const task = await json<Task>('add', 'Write report', '--list', 'wORK');
  await json('add', 'Sleep');
  expect(task.listId).toBe(work.id);
  expect(titlesOf(await json('list', '--list', work.id.slice(-6)))).toEqual(['Write report']);
  expect(titlesOf(await json('list', '--list', 'inbox'))).toEqual(['Sleep']);
  expect(await json<List[]>('lists')).toMatchObject([{ id: work.id, name: 'Work' }]);
  expect(await typedo('add', 'x', '--list', 'Play')).toMatchObject({ exitCode: 66 });
});

test('an id that fits several tasks changes none and names them', async () => {
  const { typedo, json, user } = await openSignedInShell();
  const ids = ['0199c2d4-7a10-7cc3-98c4-dc0c0c01beef', '0199c2d4-7a10-7cc3-98c4-dc0c0c02beef'];
  for (const id of ids) await user.client.tasks.create.mutate({ id, title: `Task of ${id}` });
  const { exitCode, stderr } = await typedo('done', 'beef');
  expect(exitCode).toBe(64);
  for (const id of ids) expect(stderr).toContain(`Task of ${id}`);
  expect(stderr).toContain('1beef');
  expect(await json('list')).toHaveLength(2);
  expect(await typedo('done', '1beef')).toMatchObject({ exitCode: 0 });
});

test('a task in an archived list can be done by the end of its id, too', async () => {
  const { json, user } = await openSignedInShell();
  const { id } = await user.client.lists.create.mutate({ name: 'Old' });
  const task = await json<Task>('add', 'Left over', '--list', 'Old');
  await user.client.lists.archive.mutate({ id });
  expect(titlesOf(await json('done', tailOf(task)))).toEqual(['Left over']);
});

test('the table fits 80 columns, has no colours in a pipe, and shows no control characters', async () => {
  const { typedo, user } = await openSignedInShell();
  const title = `牛乳を買う🎉${'long '.repeat(30)}`;
  await user.client.tasks.create.mutate({
    title,
    due: { kind: 'date', date: '2026-12-24' },
    priority: 'medium',
  });
  await user.client.tasks.create.mutate({ title: 'a\u001B[31mred\nline' });
  const { stdout } = await typedo('list');
  const [head, first, second] = stdout.split('\n');
  expect(head).toMatch(/^ID {4}TITLE +DUE {9}PRIORITY$/);
  expect(first).toMatch(/^[0-9a-f]{4} {2}牛乳を買う🎉.*… {2}2026-12-24 {2}medium$/);
  // Six characters of it take two columns each.
  expect(first).toHaveLength(80 - 2 - 6 + 1);
  expect(second).toMatch(/^[0-9a-f]{4} {2}a \[31mred line$/);
});

test('a wrong due date exits 65 and names the field', async () => {
  const { typedo, json } = await openSignedInShell();
  const told = await typedo('add', 'Buy milk', '--due', '2026-02-30');
  expect(told).toMatchObject({ exitCode: 65, stdout: '' });
  expect(told.stderr).toContain('due.date: Must be a calendar date, such as 2026-12-24.');
  const { exitCode, stderr } = await typedo('add', 'Buy milk', '--due', '2026-02-30', '--json');
  expect(exitCode).toBe(65);
  expect(JSON.parse(stderr)).toMatchObject({
    code: 'VALIDATION_FAILED',
    message: expect.any(String),
    todo: expect.any(String),
    issues: [{ path: ['due', 'date'] }],
  });
  expect(await json('list')).toEqual([]);
});

test('who is not signed in is told how to sign in, and the command exits 77', async () => {
  const shell = await openShell();
  expect(await shell.typedo('list')).toEqual({
    exitCode: 77,
    stdout: '',
    stderr: 'You are not signed in.\nSign in first: typedo login\n',
  });
});

test('a stored session is not shown to another service', async () => {
  const { email, password } = await signUpTestUser(app);
  const shell = await openShell({ TYPEDO_PASSWORD: password, TYPEDO_URL: outOfService });
  await shell.json('login', '--url', app.url, '--email', email);
  const { exitCode, stderr } = await shell.typedo('list');
  expect(exitCode).toBe(77);
  expect(stderr).toContain(`not at ${outOfService}`);
});

test('a service that is down exits 69 and is named', async () => {
  const shell = await openShell({ TYPEDO_URL: outOfService, TYPEDO_SESSION: 'any' });
  const { exitCode, stderr } = await shell.typedo('list', '--json');
  expect(exitCode).toBe(69);
  expect(JSON.parse(stderr)).toMatchObject({
    code: 'UNAVAILABLE',
    message: `The service at ${outOfService} is out of reach (ECONNREFUSED).`,
  });
});

test.each([
  ['no command', []],
  ['an unknown command', ['lst']],
  ['a title that is missing', ['add']],
  ['a limit that is no number', ['list', '--limit', 'x']],
  ['an id that is too short', ['done', 'abc']],
])('%s is a usage error: it exits 64 and is told as JSON when asked', async (_name, args) => {
  const shell = await openShell({ TYPEDO_URL: app.url, TYPEDO_SESSION: 'any' });
  const { exitCode, stdout, stderr } = await shell.typedo(...args, '--json');
  expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
  expect(JSON.parse(stderr)).toMatchObject({ code: 'USAGE' });
});
