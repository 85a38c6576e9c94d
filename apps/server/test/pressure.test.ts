import { createDatabase } from '@typedo/db';
import type { TestDatabase } from '@typedo/db/testing';
import { expect, inject, test } from 'vitest';
import { accessToken, signUpTestUser, startTestApp } from './harness.ts';

test('who would wait too long is refused on every face before anything is done, and health is answered', async () => {
  const { url }: TestDatabase = inject('database');
  let isBusy = false;
  const real = createDatabase({ url, onError: () => {} });
  const database = Object.create(real, { isBusy: { get: () => isBusy } }) as typeof real;
  await using app = await startTestApp({ database });
  const user = await signUpTestUser(app);
  const headers = {
    authorization: `Bearer ${await accessToken(app, user.session)}`,
    'content-type': 'application/json',
  };
  await user.client.tasks.list.query();
  isBusy = true;
  const create = { method: 'POST', headers, body: JSON.stringify({ title: 'Milk' }) };
  for (const path of ['/api/v1/tasks', '/api/trpc/tasks.create', '/api/auth/sign-up/email']) {
    const response = await fetch(app.url + path, create);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(JSON.stringify(await response.json())).toContain('"code":"UNAVAILABLE"');
  }
  expect((await fetch(`${app.url}/livez`)).status).toBe(200);
  expect((await fetch(`${app.url}/readyz`)).status).toBe(200);

  // The client waits as it is told, and tries again.
  const calls = () => app.logs.filter((line) => line.includes('tasks.list')).length;
  const before = calls();
  const list = user.client.tasks.list.query();
  await expect.poll(calls).toBeGreaterThan(before);
  isBusy = false;
  expect((await list).items).toEqual([]);
});
