import { expect, test } from 'vitest';
import { signUpTestUser, startTestApp } from './harness.ts';

test('a user signs up, makes a task and finds it again, with dates as dates', async () => {
  await using app = await startTestApp();
  const { client, email } = await signUpTestUser(app);
  const task = await client.tasks.create.mutate({ title: '  Buy milk ' });
  expect(task).toMatchObject({ title: 'Buy milk', listId: null, completedAt: null });
  expect(task.createdAt).toBeInstanceOf(Date);
  expect((await client.tasks.list.query()).items).toEqual([task]);
  expect(await client.account.me.query()).toMatchObject({ email, name: 'Test User' });
});
