import { createClient, isTypedoError, streamProcedure } from '@typedo/client';
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

test('a call is tried again when the network fails, and a write that is happens once', async () => {
  await using app = await startTestApp();
  const { session } = await signUpTestUser(app);
  const { fetch: watched, counts } = watchedFetch((path, count) =>
    path.startsWith('/api/trpc') && count <= 2 ? new TypeError('fetch failed') : undefined,
  );
  const client = createClient({ url: app.url, auth: session, fetch: watched });
  expect((await client.tasks.list.query({})).items).toEqual([]);
  expect(counts.get('/api/trpc/tasks.list')).toBe(3);
  await client.tasks.create.mutate({ title: 'x' });
  expect(counts.get('/api/trpc/tasks.create')).toBe(3);
  expect((await client.tasks.list.query({})).items).toHaveLength(1);
});

test('an answer that is lost is had by trying again, and the write happens once', async () => {
  await using app = await startTestApp();
  const { session } = await signUpTestUser(app);
  let lost = 0;
  const losing: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const path = new URL(input instanceof Request ? input.url : input).pathname;
    if (!path.includes('tasks.create') || lost === 2) return response;
    lost += 1;
    throw new TypeError('terminated');
  };
  const client = createClient({ url: app.url, auth: session, fetch: losing });
  const [one, two] = await Promise.all([
    client.tasks.create.mutate({ title: 'one' }),
    client.tasks.create.mutate({ title: 'two' }),
  ]);
  const { items } = await client.tasks.list.query();
  expect(items).toHaveLength(2);
  expect(items).toEqual(expect.arrayContaining([one, two]));
});

test('a write that must not be tried again is not', async () => {
  await using app = await startTestApp();
  const { session } = await signUpTestUser(app);
  const { fetch: watched, counts } = watchedFetch((path) =>
    path.includes('tokens.create') ? new TypeError('fetch failed') : undefined,
  );
  const client = createClient({ url: app.url, auth: session, fetch: watched });
  const error = await client.tokens.create
    .mutate({ name: 'x', scopes: ['tasks:read'], expiresAt: null })
    .catch((reason) => reason);
  expect(isTypedoError(error)).toBe(false);
  expect(counts.get('/api/trpc/tokens.create')).toBe(1);
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

test('a read that is too long to travel with others goes alone, and the service judges it', async () => {
  await using app = await startTestApp();
  const { client } = await signUpTestUser(app);
  const call = client.tasks.list.query({ cursor: 'x'.repeat(9000) });
  await expect(call).rejects.toSatisfy((error) => isTypedoError(error, 'VALIDATION_FAILED'));
});

test('each write has its own key, whatever else is given with it, unless a key is', async () => {
  await using app = await startTestApp();
  const { client } = await signUpTestUser(app);
  const shared = { context: {} };
  const own = { context: { idempotencyKey: 'mine' } };
  for (const options of [shared, shared, own, own]) {
    await client.tasks.create.mutate({ title: 'Milk' }, options);
  }
  expect((await client.tasks.list.query()).items).toHaveLength(3);
});

test('a stream ends by its signal, also before it began', async () => {
  await using app = await startTestApp();
  const { client } = await signUpTestUser(app);
  const procedure = { path: 'sync.changes' };
  await streamProcedure(client, procedure, {}, () => {}, AbortSignal.abort());
  const controller = new AbortController();
  const end = (): void => controller.abort();
  await streamProcedure(client, procedure, {}, end, controller.signal);
  expect(controller.signal.aborted).toBe(true);
});
