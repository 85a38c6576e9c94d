import { passTime, startTestIssuer } from '@typedo/auth/testing';
import { createClient, isTypedoError, signIn, signOut, type TypedoClient } from '@typedo/client';
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { signUpTestUser, startTestApp } from './harness.ts';

const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'accepted',
    (error) => (isTypedoError(error) ? error.data.code : error),
  );
const accessToken = async (url: string, session: string): Promise<string> => {
  const headers = { authorization: `Bearer ${session}` };
  const response = await fetch(`${url}/api/auth/token`, { headers });
  return ((await response.json()) as { token: string }).token;
};

test('a user of another issuer with the same subject as a local user sees nothing of theirs', async () => {
  await using issuer = await startTestIssuer();
  await using app = await startTestApp({ trustedIssuers: [issuer.trusted] });
  const local = await signUpTestUser(app);
  const task = await local.client.tasks.create.mutate({ title: 'secret' });
  const list = await local.client.lists.create.mutate({ name: 'secret' });
  const { sub } = decodeJwt(await accessToken(app.url, local.session.session));

  const outside = createClient({
    url: app.url,
    auth: { jwt: () => issuer.sign({ sub: sub ?? '', email: local.email }) },
  });
  expect((await outside.tasks.list.query({})).items).toEqual([]);
  expect((await outside.lists.list.query({})).items).toEqual([]);
  expect(await codeOf(outside.tasks.get.query({ id: task.id }))).toBe('TASK_NOT_FOUND');
  expect(await codeOf(outside.lists.delete.mutate({ id: list.id }))).toBe('LIST_NOT_FOUND');
  expect((await outside.account.me.query()).id).not.toBe(
    (await local.client.account.me.query()).id,
  );
  // And what they make is theirs.
  await outside.tasks.create.mutate({ title: 'mine' });
  expect((await local.client.tasks.list.query({})).items).toEqual([task]);
});

test('after signing out the access token is refused within five seconds', async () => {
  await using app = await startTestApp();
  const { session, client } = await signUpTestUser(app);
  const token = await accessToken(app.url, session.session);
  const withToken = createClient({ url: app.url, auth: { jwt: () => token } });
  await withToken.account.me.query();
  await signOut(app.url, session);
  passTime(5000);
  expect(await codeOf(withToken.account.me.query())).toBe('SESSION_ENDED');
  // And there is no new token to be had.
  expect(await codeOf(client.account.me.query())).toBe('UNAUTHENTICATED');
});

test('two users of one server at once each get only their own', async () => {
  await using app = await startTestApp();
  const users = await Promise.all(Array.from({ length: 4 }, () => signUpTestUser(app)));
  await Promise.all(
    users.map(({ client, email }) => client.tasks.create.mutate({ title: `of ${email}` })),
  );
  const ask = async ({ client, email }: { client: TypedoClient; email: string }) => {
    const { items } = await client.tasks.list.query({});
    return items.map(({ title }) => title).join() === `of ${email}`;
  };
  const answers = await Promise.all(Array.from({ length: 50 }, () => users.map(ask)).flat());
  expect(answers.every(Boolean)).toBe(true);
});

test('passwords, tokens, cookies and tasks stay out of the log', async () => {
  await using app = await startTestApp();
  const { email, password, session, client } = await signUpTestUser(app);
  const token = await accessToken(app.url, session.session);
  await client.tasks.create.mutate({ title: 'canary title', notes: 'canary notes' });
  await client.tasks.list.query({ dueFrom: '2031-01-31' });
  await codeOf(client.tasks.create.mutate({ title: 'canary title', listId: 'canary-id' }));
  await fetch(`${app.url}/api/auth/sign-in/email?canary=1`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: 'canary=cookie' },
    body: JSON.stringify({ email, password: 'canary password' }),
  });
  await fetch(`${app.url}/api/trpc/tasks.list`, {
    headers: { authorization: 'Bearer canary.token' },
  });
  await signIn(app.url, { email, password });
  const log = app.logs.join('');
  expect(log).toContain('/api/trpc/tasks.create');
  for (const secret of ['canary', '2031-01-31', password, session.session, token, email]) {
    expect(log).not.toContain(secret);
  }
});

test('only the listed part of better-auth is open, and only listed pages may call', async () => {
  await using app = await startTestApp({ corsOrigins: ['https://app.example.com'] });
  const post = (path: string, origin: string) =>
    fetch(`${app.url}/api/auth${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin, cookie: 'a=b' },
      body: JSON.stringify({ email: 'a@example.com', password: 'correct horse' }),
    });
  expect((await post('/update-user', 'https://app.example.com')).status).toBe(404);
  expect((await post('/sign-in/email', 'https://app.example.com')).status).toBe(401);
  expect((await post('/sign-in/email', 'https://evil.example.com')).status).toBe(403);
  const from = async (origin: string) =>
    (await fetch(`${app.url}/livez`, { headers: { origin } })).headers.get(
      'access-control-allow-origin',
    );
  expect(await from('https://app.example.com')).toBe('https://app.example.com');
  expect(await from('https://evil.example.com')).toBeNull();
});

test('a web page’s session cookie works, and scripts cannot read it', async () => {
  await using app = await startTestApp();
  const { email, password } = await signUpTestUser(app);
  const response = await fetch(`${app.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: app.url },
    body: JSON.stringify({ email, password }),
  });
  const [cookie = ''] = response.headers.getSetCookie();
  expect(cookie).toMatch(/HttpOnly/i);
  expect(cookie).toMatch(/SameSite=Lax/i);
  const client = createClient({ url: app.url, auth: { cookie: cookie.split(';')[0] ?? '' } });
  expect(await client.account.me.query()).toMatchObject({ email });
});

test('what cannot be kept is refused, and access tokens are had as often as a web server needs them', async () => {
  await using app = await startTestApp({ attemptsPerMinute: 3 });
  const post = (path: string, body: object) =>
    fetch(`${app.url}/api/auth${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: app.url },
      body: JSON.stringify(body),
    });
  const user = {
    name: 'Ann',
    email: `${crypto.randomUUID()}@example.com`,
    password: 'correct horse',
  };
  expect((await post('/sign-up/email', { ...user, name: 'x'.repeat(201) })).status).toBe(400);
  expect((await post('/revoke-session', { token: '\0' })).status).toBe(400);

  // One address may serve many users.
  const signedUp = await post('/sign-up/email', user);
  const { token } = (await signedUp.json()) as { token: string };
  const tokens = Array.from({ length: 50 }, () => accessToken(app.url, token));
  expect((await Promise.all(tokens)).every(Boolean)).toBe(true);
});

test('a list that is deleted while tasks are put into it leaves none in between', async () => {
  await using app = await startTestApp();
  const { client } = await signUpTestUser(app);
  for (let round = 0; round < 20; round += 1) {
    const { id: listId } = await client.lists.create.mutate({ name: 'short-lived' });
    const codes = await Promise.all([
      codeOf(client.tasks.create.mutate({ title: 'a', listId })),
      codeOf(client.lists.delete.mutate({ id: listId })),
      codeOf(client.tasks.create.mutate({ title: 'b', listId })),
    ]);
    expect(codes[1]).toBe('accepted');
    for (const code of [codes[0], codes[2]]) expect(['accepted', 'LIST_NOT_FOUND']).toContain(code);
  }
});
