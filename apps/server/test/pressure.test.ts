import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CallQueue } from '../src/call-queue.ts';
import { accessToken, signUpTestUser, startTestApp } from './harness.ts';

/** As many calls as said, which end when told to. */
function occupy(queue: CallQueue, calls: number) {
  const { promise, resolve: end } = Promise.withResolvers<void>();
  const begun: number[] = [];
  const all = Promise.all(
    Array.from({ length: calls }, (_, index) =>
      queue.run(async () => {
        begun.push(index);
        await promise;
      }),
    ),
  );
  return { begun, all, end };
}

test('calls begin in the order they came, 32 at once, and one that fails makes room as any other', async () => {
  const queue = new CallQueue();
  const { promise, reject: fail } = Promise.withResolvers<void>();
  const failing = queue.run(() => promise);
  const others = occupy(queue, 40);
  expect([others.begun.length, queue.length]).toEqual([31, 9]);
  fail(new Error('of the test'));
  await expect(failing).rejects.toThrow('of the test');
  expect([others.begun.length, queue.length]).toEqual([32, 8]);
  queue.hold();
  others.end();
  await sleep(0);
  expect(others.begun).toHaveLength(32);
  queue.resume();
  await others.all;
  expect(others.begun).toEqual(Array.from({ length: 40 }, (_, index) => index));
});

test('by how long calls take it is known who would wait too long', async () => {
  const queue = new CallQueue();
  const enough = new AbortController();
  const take = (ms: number) =>
    queue.run(() => sleep(ms, undefined, { signal: enough.signal }).catch(() => {}));
  for (let calls = 0; calls < 64; calls += 1) await take(20);
  const few = Array.from({ length: 100 }, () => take(20));
  expect(queue.isTooLong).toBe(false);
  const many = Array.from({ length: 1500 }, () => take(20));
  expect(queue.isTooLong).toBe(true);
  enough.abort();
  await Promise.all([...few, ...many]);
  expect(queue.isTooLong).toBe(false);
});

test('who would wait too long is refused on every face before anything is done, and health is answered', async () => {
  const callQueue = new CallQueue();
  await using app = await startTestApp({ callQueue });
  const user = await signUpTestUser(app);
  const headers = {
    authorization: `Bearer ${await accessToken(app, user.session)}`,
    'content-type': 'application/json',
  };
  await user.client.tasks.list.query();
  const others = occupy(callQueue, 33);
  await expect.poll(() => callQueue.isTooLong).toBe(true);
  const create = { method: 'POST', headers, body: JSON.stringify({ title: 'Milk' }) };
  for (const path of ['/api/v1/tasks', '/api/trpc/tasks.create', '/api/auth/sign-up/email']) {
    const response = await fetch(app.url + path, create);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(JSON.stringify(await response.json())).toContain('"code":"UNAVAILABLE"');
  }
  expect((await fetch(`${app.url}/livez`)).status).toBe(200);
  expect((await fetch(`${app.url}/readyz`)).status).toBe(200);

  // The client waits as it is told, and tries again.
  const refused = () => app.logs.filter((line) => line.includes('tasks.list')).length;
  const before = refused();
  const list = user.client.tasks.list.query();
  await expect.poll(refused).toBeGreaterThan(before);
  others.end();
  expect((await list).items).toEqual([]);
});

test('many who connect at once are all answered', async () => {
  await using app = await startTestApp();
  const user = await signUpTestUser(app);
  const authorization = `Bearer ${await accessToken(app, user.session)}`;
  const call = () =>
    fetch(`${app.url}/api/v1/tasks`, { headers: { authorization, connection: 'close' } });
  const answers = await Promise.all(Array.from({ length: 100 }, call));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
});
