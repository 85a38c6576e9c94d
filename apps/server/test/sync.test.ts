import { createClient, isTypedoError, signOut } from '@typedo/client';
import { startTestIssuer } from '@typedo/auth/testing';
import { limits } from '@typedo/contract';
import { expect, test } from 'vitest';
import { follow } from './follow.ts';
import {
  accessToken,
  signUpTestUser,
  startTestApp,
  type TestApp,
  type TestUser,
} from './harness.ts';

/** A fetch whose streams a test can cut off. */
const cuttable = () => {
  const open = new Set<AbortController>();
  const fetcher: typeof fetch = async (input, init) => {
    const path = new URL(input instanceof Request ? input.url : input).pathname;
    if (!path.endsWith('sync.changes')) return fetch(input, init);
    const controller = new AbortController();
    open.add(controller);
    const signals = [controller.signal, ...(init?.signal ? [init.signal] : [])];
    return fetch(input, { ...init, signal: AbortSignal.any(signals) });
  };
  const cut = () => {
    for (const controller of open) controller.abort(new Error('cut'));
    open.clear();
  };
  return { fetcher, cut };
};

const rest = async (
  { url }: TestApp,
  user: TestUser,
  path: string,
  options: { method: string; body: string; headers: Record<string, string> },
) => {
  const authorization = `Bearer ${await accessToken({ url }, user.session)}`;
  const headers = { authorization, 'content-type': 'application/json', ...options.headers };
  const response = await fetch(`${url}/api/v1${path}`, { ...options, headers });
  return { status: response.status, body: await response.json() };
};

test('what is changed shows in every stream of its user, and in no other', async () => {
  await using app = await startTestApp();
  const [ann, bob] = [await signUpTestUser(app), await signUpTestUser(app)];
  const [one, two, his] = [follow(ann.client), follow(ann.client), follow(bob.client)];
  for (const { pages } of [one, two, his]) await expect.poll(() => pages.length).toBe(1);
  const { id } = await ann.client.tasks.create.mutate({ title: 'hers' });
  for (const stream of [one, two]) await expect.poll(stream.titles).toEqual(['hers']);
  const list = await ann.client.lists.create.mutate({ name: 'Home' });
  // Deleted before it was looked for, it would be told of as gone twice.
  await expect.poll(() => one.pages.flatMap(({ lists }) => lists)).toHaveLength(1);
  await ann.client.lists.delete.mutate({ id: list.id });
  await expect
    .poll(() => one.pages.flatMap(({ deleted }) => deleted))
    .toEqual([{ noun: 'lists', id: list.id }]);
  await ann.client.tasks.complete.mutate({ id });
  await expect.poll(() => two.pages.at(-1)?.tasks[0]?.completedAt).toBeInstanceOf(Date);
  expect(his.pages).toHaveLength(1);
  for (const stream of [one, two, his]) stream.close();
});

test('a stream that is cut off goes on after the last event it had', async () => {
  await using app = await startTestApp();
  const { client, session } = await signUpTestUser(app);
  const { fetcher, cut } = cuttable();
  const stream = follow(createClient({ url: app.url, auth: session, fetch: fetcher }));
  await expect.poll(() => stream.pages.length).toBe(1);
  const titles = Array.from({ length: 12 }, (_, n) => `${n}`);
  for (const title of titles) {
    await client.tasks.create.mutate({ title });
    if (Number(title) % 4 === 3) cut();
  }
  await expect.poll(stream.titles).toEqual(titles);
  stream.close();
});

test('a stream goes on where a server was stopped and another started', async () => {
  const first = await startTestApp();
  const user = await signUpTestUser(first);
  const stream = follow(user.client);
  await expect.poll(() => stream.pages.length).toBe(1);
  await user.client.tasks.create.mutate({ title: 'before' });
  await expect.poll(stream.titles).toEqual(['before']);
  await first.close();
  await using second = await startTestApp({ port: Number(new URL(first.url).port) });
  await createClient({ url: second.url, auth: user.session }).tasks.create.mutate({
    title: 'after',
  });
  await expect.poll(stream.titles).toEqual(['before', 'after']);
  stream.close();
});

test('a stream ends within seconds of the session that it was opened by', async () => {
  await using app = await startTestApp();
  const { client, session } = await signUpTestUser(app);
  const stream = follow(client);
  await expect.poll(() => stream.pages.length).toBe(1);
  await signOut(app.url, session);
  expect(isTypedoError(await stream.ending, 'SESSION_ENDED', 'UNAUTHENTICATED')).toBe(true);
});

test('a stream whose token ends goes on with the next one, and loses nothing', async () => {
  await using issuer = await startTestIssuer();
  await using app = await startTestApp({ trustedIssuers: [issuer.trusted] });
  const sub = crypto.randomUUID();
  const writer = createClient({ url: app.url, auth: { jwt: () => issuer.sign({ sub }) } });
  let asked = 0;
  const jwt = () => {
    asked += 1;
    // It holds for six seconds, by the tolerance for clocks that differ.
    return issuer.sign({ sub, exp: Math.floor(Date.now() / 1000) + 2 });
  };
  const stream = follow(createClient({ url: app.url, auth: { jwt } }));
  await expect.poll(() => stream.pages.length).toBe(1);
  const titles: string[] = [];
  const isRenewed = async () => {
    const title = String(titles.length);
    titles.push(title);
    await writer.tasks.create.mutate({ title });
    return asked >= 3;
  };
  await expect.poll(isRenewed, { timeout: 250_000, interval: 200 }).toBe(true);
  await expect.poll(stream.titles).toEqual(titles);
  stream.close();
});

test('who may not follow is told why, and who follows too much', async () => {
  await using app = await startTestApp();
  const nobody = createClient({ url: app.url, auth: { jwt: () => '' } });
  expect(isTypedoError(await follow(nobody).ending, 'UNAUTHENTICATED')).toBe(true);
  const { client } = await signUpTestUser(app);
  const past = await follow(client, '99').ending;
  expect(isTypedoError(past, 'POSITION_EXPIRED')).toBe(true);
  const wrong = await follow(client, 'x').ending;
  expect(isTypedoError(wrong, 'VALIDATION_FAILED')).toBe(true);

  const streams = Array.from({ length: limits.streams }, () => follow(client));
  for (const { pages } of streams) await expect.poll(() => pages.length).toBe(1);
  expect(isTypedoError(await follow(client).ending, 'TOO_MANY_STREAMS')).toBe(true);
  streams[0]?.close();
  const isAdmitted = async () => {
    const stream = follow(client);
    await Promise.race([stream.ending, stream.first]);
    stream.close();
    return stream.pages.length;
  };
  await expect.poll(isAdmitted).toBe(1);
  for (const stream of streams) stream.close();
});

test('each call of a batch has its own key, and REST one in its header', async () => {
  await using app = await startTestApp();
  const user = await signUpTestUser(app);
  const { id } = await user.client.tasks.create.mutate({ title: 'Milk' });
  const body = JSON.stringify({ title: 'Oats' });
  const send = (key: string, sent = body) =>
    rest(app, user, '/tasks', { method: 'POST', body: sent, headers: { 'idempotency-key': key } });
  const first = await send('"k1"');
  expect(first.status).toBe(201);
  expect(await send('k1')).toEqual(first);
  expect(await send('k1', JSON.stringify({ title: 'Rye' }))).toMatchObject({
    status: 422,
    body: { code: 'KEY_REUSED' },
  });
  expect(await send('not a key')).toMatchObject({
    status: 400,
    body: { code: 'MALFORMED_REQUEST' },
  });
  expect((await user.client.tasks.list.query()).items).toHaveLength(2);

  const conflict = await rest(app, user, `/tasks/${id}`, {
    method: 'PATCH',
    body,
    headers: { 'if-match': '"7"' },
  });
  expect(conflict).toMatchObject({ status: 412, body: { current: { id, title: 'Milk' } } });

  const bearer = `Bearer ${await accessToken(app, user.session)}`;
  const batch = (keys: string) =>
    fetch(`${app.url}/api/trpc/tasks.create,tasks.create,tasks.create?batch=1`, {
      method: 'POST',
      headers: {
        authorization: bearer,
        'content-type': 'application/json',
        'idempotency-key': keys,
      },
      body: JSON.stringify(
        Object.fromEntries(['a', 'b', 'c'].map((title, n) => [n, { json: { title } }])),
      ),
    });
  await batch('ka,,kc');
  await batch('ka,,kc');
  const { items } = await user.client.tasks.list.query();
  expect(items.map(({ title }) => title).toSorted()).toEqual(['Milk', 'Oats', 'a', 'b', 'b', 'c']);
});
