import { afterAll, expect, test } from 'vitest';
import { signUpTestUser, startTestApp } from '../../server/test/harness.ts';
import type { Report } from '../src/report.ts';
import { openShell } from './shell.ts';

let now = new Date();
const app = await startTestApp({ clock: { now: () => now } });
afterAll(() => app.close());

test('a report counts open tasks by list and completed ones by week', async () => {
  const { client, session } = await signUpTestUser(app);
  const shell = await openShell({ TYPEDO_URL: app.url, TYPEDO_SESSION: session.session });
  const home = await client.lists.create.mutate({ name: 'Home, sweet' });
  await client.lists.create.mutate({ name: 'Empty' });
  await client.tasks.create.mutate({ title: 'a', listId: home.id, priority: 'high' });
  await client.tasks.create.mutate({ title: 'b', due: { kind: 'date', date: '2020-01-01' } });
  for (const daysAgo of [0, 7, 7]) {
    now = new Date();
    const { id } = await client.tasks.create.mutate({ title: 'done' });
    now = new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo, 12);
    await client.tasks.complete.mutate({ id });
  }

  const { exitCode, stdout } = await shell.report('--json', '--weeks', '3');
  expect(exitCode).toBe(0);
  const report = JSON.parse(stdout) as Report;
  expect(report).toMatchObject({
    open: 2,
    overdue: 1,
    lists: [
      { name: 'Inbox', open: 1, overdue: 1 },
      { name: 'Home, sweet', open: 1, overdue: 0 },
    ],
    priorities: [
      { name: 'high', open: 1, overdue: 0 },
      { name: 'none', open: 1, overdue: 1 },
    ],
  });
  expect(report.weeks.map(({ completed }) => completed)).toEqual([1, 2, 0]);
  const { stdout: text } = await shell.report();
  expect(text).toMatch(/^2 open tasks\. 1 overdue\.\n\nLIST .*\nInbox +1 +1\nHome, sweet +1\n\n/);
  expect(text).toMatch(/\n\nPRIORITY .*\nhigh +1\nnone +1 +1\n\nWEEK OF/);
  const { stdout: csv } = await shell.report('--csv', '--weeks', '1');
  expect(csv.trimEnd().split('\r\n')).toEqual([
    'group,name,open,overdue,completed',
    'all,,2,1,',
    'list,Inbox,1,1,',
    'list,"Home, sweet",1,0,',
    'priority,high,1,0,',
    'priority,none,1,1,',
    `week,${report.weeks[0]?.from},,,1`,
  ]);
  expect((await shell.report('--weeks', '0')).exitCode).toBe(64);
});
