import { createClient, isTypedoError } from '@typedo/client';
import { expect, test } from 'vitest';
import { signUpTestUser, startTestApp } from './harness.ts';

/** A fetch that counts requests by path, and lets a test stand in their way. */
const watchedFetch = (hinder: (path: string, count: number) => Response | Error | undefined) => {
  const counts = new Map<string, number>();
  const watched: typeof fetch = async (input, init) => {
    const path = new URL(input instanceof Request ? input.url : input).pathname;
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    const answer = hinder(path, count);
    if (answer instanceof Error) throw answer;
    return answer ?? fetch(input, init);
  };
  return { fetch: watched, counts };
};

test('calls of one tick are one request, and one access token serves them all', async () => {
  await using app = await startTestApp();
  const { session } = await signUpTestUser(app);
  const { fetch: watched, counts } = watchedFetch(() => undefined);
  const client = createClient({ url: `${app.url}/`, auth: session, fetch: watched });
  await Promise.all([
    client.tasks.list.query({}),
    client.lists.list.query({}),
    client.account.me.query(),
  ]);
  await client.account.me.query();
  expect([...counts]).toEqual([
    ['/api/auth/token', 1],
    ['/api/trpc/tasks.list,lists.list,account.me', 1],
    ['/api/trpc/account.me', 1],
  ]);
});

test('a read is tried again when the network fails; a write is not', async () => {
  await using app = await startTestApp();
  const { session } = await signUpTestUser(app);
  const { fetch: watched, counts } = watchedFetch((path, count) =>
    path.startsWith('/api/trpc') && count <= 2 ? new TypeError('fetch failed') : undefined,
  );
  const client = createClient({ url: app.url, auth: session, fetch: watched });
  expect((await client.tasks.list.query({})).items).toEqual([]);
  expect(counts.get('/api/trpc/tasks.list')).toBe(3);
  const error = await client.tasks.create.mutate({ title: 'x' }).catch((reason) => reason);
  expect(isTypedoError(error)).toBe(false);
  expect(counts.get('/api/trpc/tasks.create')).toBe(1);
});

test('a token that is refused is renewed, and the call goes again, once', async () => {
  await using app = await startTestApp();
  const { session } = await signUpTestUser(app);
  const forged = `x.${btoa(JSON.stringify({ exp: Date.now() }))}.x`;
  const { fetch: watched, counts } = watchedFetch((path, count) =>
    path === '/api/auth/token' && count === 1 ? Response.json({ token: forged }) : undefined,
  );
  const client = createClient({ url: app.url, auth: session, fetch: watched });
  expect(await client.tasks.create.mutate({ title: 'x' })).toMatchObject({ title: 'x' });
  expect(counts.get('/api/auth/token')).toBe(2);
});

test('without a session the service says so, by its code', async () => {
  await using app = await startTestApp();
  const client = createClient({ url: app.url, auth: { session: 'none' } });
  const error = await client.tasks.list.query({}).catch((reason) => reason);
  expect(isTypedoError(error, 'TASK_NOT_FOUND')).toBe(false);
  expect(isTypedoError(error, 'UNAUTHENTICATED') && error.data.todo).toMatch(/Sign in/);
});
