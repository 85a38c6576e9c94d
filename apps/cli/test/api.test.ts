import { manifest } from '@typedo/client/manifest';
import type { NewPersonalToken, Task, TaskPage } from '@typedo/client';
import { afterAll, expect, test } from 'vitest';
import { signUpTestUser, startTestApp } from '../../server/test/harness.ts';
import { openShell } from './shell.ts';

const app = await startTestApp();
afterAll(() => app.close());

async function openSignedInShell() {
  const user = await signUpTestUser(app);
  const shell = await openShell({ TYPEDO_URL: app.url, TYPEDO_SESSION: user.session.session });
  return { ...shell, user };
}
const newToken = (expiresAt: string, ...scopes: string[]) => {
  const rest = ['--expires-at', expiresAt, '--scopes', ...scopes];
  return ['--name', 'x', ...rest];
};
const toFlag = (field: string) => `--${field.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

test('every procedure is listed, and its help names every field that it takes', async () => {
  const shell = await openShell();
  const { stdout } = await shell.typedo('api');
  for (const { path } of manifest.procedures) {
    expect(stdout).toContain(`${path.split('.')[0]}\n`);
    expect(stdout).toContain(`  ${path} `);
  }
  for (const { path, summary, input } of manifest.procedures) {
    const help = await shell.typedo('api', path, '--help');
    expect(help.exitCode, path).toBe(0);
    expect(help.stdout.replaceAll(/\s+/g, ' '), path).toContain(summary);
    for (const field of Object.keys(input.properties ?? {})) {
      expect(help.stdout, path).toContain(`  ${toFlag(field)} `);
    }
    for (const line of help.stdout.split('\n').slice(0, 12)) expect(line.length).toBeLessThan(81);
  }
});

test('help tells the limits of a field and the errors of the procedure alone', async () => {
  const shell = await openShell();
  const { stdout } = await shell.typedo('api', 'tasks.create', '--help');
  expect(stdout).toMatch(/What is to be done, in a line\. \(required; 1 to 200\s+characters\)/);
  expect(stdout).toContain('How much it matters. (none, low, medium, high)');
  expect(stdout).toMatch(/^ {2}LIST_NOT_FOUND /m);
  expect(stdout).not.toContain('VALIDATION_FAILED');
  expect(stdout).toContain('Personal tokens need the scope tasks:write.');
});

test('a mistyped procedure, and a mistyped flag, are answered with what was meant', async () => {
  const shell = await openSignedInShell();
  expect((await shell.typedo('api', 'task.creat')).stderr).toBe(
    'There is no procedure "task.creat". Did you mean tasks.create?\ntypedo api lists them all.\n',
  );
  expect((await shell.typedo('api', 'tasks.create', '--titel', 'x')).stderr).toBe(
    "Unknown option '--titel' (Did you mean --title?)\nSee: typedo api tasks.create --help\n",
  );
});

test('a procedure is called with flags, with JSON, or with both', async () => {
  const shell = await openSignedInShell();
  const due = '{"kind":"date","date":"2026-12-24"}';
  const flags = ['--title', 'Pay rent', '--due', due, '--listId', 'null'];
  const made = await shell.json<Task>('api', 'tasks.create', ...flags);
  expect(made).toMatchObject({ title: 'Pay rent', due: { kind: 'date', date: '2026-12-24' } });
  const piped = await shell.piped('{"title":"x"}', 'api', 'tasks.create', '--input', '-');
  expect(JSON.parse(piped.stdout)).toMatchObject({ title: 'x' });
  const page = (...args: string[]) => shell.json<TaskPage>('api', 'tasks.list', ...args);
  expect((await page('--limit', '1', '--completed', 'false')).items).toHaveLength(1);
  expect((await page('--input', '{"limit":1}', '--completed')).items).toEqual([]);
  const token = await shell.json<NewPersonalToken>(
    'api',
    'tokens.create',
    ...newToken('2099-01-01T00:00:00Z', 'tasks:read', 'lists:read'),
  );
  expect(token).toMatchObject({ scopes: ['tasks:read', 'lists:read'] });
});

test.each([
  [['tasks.lst'], 64, 'PROCEDURE_NOT_FOUND'],
  [['tasks.create'], 65, 'VALIDATION_FAILED'],
  [['tasks.create', '--title', ''], 65, 'VALIDATION_FAILED'],
  [['tasks.list', '--limit', 'many'], 65, 'VALIDATION_FAILED'],
  [['tasks.create', '--nope', 'x'], 64, 'USAGE'],
  [['tasks.create', '--input', '{'], 64, 'USAGE'],
  [['tasks.get', '--id', '0199c2d4-7a10-7cc3-98c4-dc0c0c07398f'], 66, 'TASK_NOT_FOUND'],
])('typedo api %j exits %i', async (args, exitCode, code) => {
  const shell = await openSignedInShell();
  const ran = await shell.typedo('api', ...args, '--json');
  expect([ran.exitCode, JSON.parse(ran.stderr).code]).toEqual([exitCode, code]);
});

test('a personal token signs the command line in, from the environment or for good', async () => {
  const { user, json } = await openSignedInShell();
  const { token } = await json<NewPersonalToken>(
    'api',
    'tokens.create',
    ...newToken('null', 'tasks:write', 'lists:read'),
  );
  await user.client.tasks.create.mutate({ title: 'of Ann' });
  const withToken = await openShell({ TYPEDO_URL: app.url, TYPEDO_TOKEN: token });
  expect(await withToken.json<Task[]>('list')).toMatchObject([{ title: 'of Ann' }]);
  const refused = await withToken.typedo('lists', '--json');
  expect(refused.exitCode).toBe(0);
  expect(await withToken.typedo('whoami')).toMatchObject({
    exitCode: 77,
    stderr: expect.stringContaining('Use a token that has it'),
  });
  expect(await withToken.typedo('logout')).toMatchObject({
    exitCode: 64,
    stderr: expect.stringContaining('TYPEDO_TOKEN is set'),
  });

  const shell = await openShell();
  const login = await shell.piped(`${token}\n`, 'login', '--url', app.url, '--token');
  expect(login).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('personal token') });
  expect(await shell.json<Task[]>('list')).toHaveLength(1);
  expect(await shell.typedo('logout')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('until you revoke it'),
  });
  expect((await shell.typedo('list')).exitCode).toBe(77);
  const wrong = await shell.piped('typedo_x\n', 'login', '--url', app.url, '--token');
  expect(wrong).toMatchObject({
    exitCode: 77,
    stderr: expect.stringMatching(/^The personal token is not valid, or no longer\.\n/),
  });
});
