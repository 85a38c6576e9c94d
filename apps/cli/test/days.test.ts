import type { Task } from '@typedo/client';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { signUpTestUser, startTestApp } from '../../server/test/harness.ts';
import { isoDay, toDay } from '../src/days.ts';
import { openShell } from './shell.ts';

const app = await startTestApp();
afterAll(() => app.close());
const openSignedInShell = async () => {
  const { session } = await signUpTestUser(app);
  return openShell({ TYPEDO_URL: app.url, TYPEDO_SESSION: session.session });
};

// A Saturday.
beforeEach(() => void vi.useFakeTimers({ now: new Date(2026, 10, 21, 23, 30), toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

test.each([
  ['today', '2026-11-21'],
  ['Tomorrow', '2026-11-22'],
  ['fri', '2026-11-27'],
  ['next monday', '2026-11-23'],
  ['in 3 days', '2026-11-24'],
  ['24 dec', '2026-12-24'],
  ['jan 2', '2027-01-02'],
  ['2026-02-30', '2026-02-30'],
])('%s is %s', async (text, day) => {
  expect(await toDay(text)).toBe(day);
});

test.each(['', 'sometime', 'tomorrow or so', '24 dec 25 dec'])('"%s" is no day', async (text) => {
  await expect(toDay(text)).rejects.toThrow(/is no day/);
});

test('a task is due on the day that was meant, shown for today, moved and edited', async () => {
  vi.useRealTimers();
  const shell = await openSignedInShell();
  const added = await shell.typedo('add', 'Pay rent', '--due', 'today', '--priority', 'high');
  expect(added.stdout).toMatch(/^Added \w+ Pay rent, due \w{3} \d{4}-\d\d-\d\d\n$/);
  await shell.typedo('add', 'Later', '--due', 'in 5 days');
  await shell.typedo('add', 'Late', '--due', '2020-01-01');
  const { stdout } = await shell.typedo('today');
  expect(stdout).toMatch(/Late[^]*Pay rent[^]*1 task overdue/);
  const [late, rent] = await shell.json<Task[]>('today');

  await shell.json('api', 'lists.create', '--name', 'Home');
  expect((await shell.typedo('move', rent?.id ?? '', '--list', 'home')).stdout).toBe(
    'Moved to Home: Pay rent\n',
  );
  const edit = (...options: string[]) => shell.json<Task>('edit', late?.id ?? '', ...options);
  expect(await edit('--due', 'today')).toMatchObject({ due: { date: isoDay(new Date()) } });
  expect(await edit('--no-due', '--title', 'Never')).toMatchObject({ due: null, title: 'Never' });
  expect((await shell.typedo('edit', late?.id ?? '')).exitCode).toBe(64);
  await shell.typedo('done', rent?.id ?? '');
  expect((await shell.typedo('reopen', rent?.id ?? '')).stdout).toBe('Open again: Pay rent\n');
});
