import { passTime, startTestIssuer } from '@typedo/auth/testing';
import { createClient, signIn, type TypedoClient } from '@typedo/client';
import { createDatabase } from '@typedo/db';
import { createTestDatabase } from '@typedo/db/testing';
import { decodeJwt } from 'jose';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { accessToken, signUpTestUser, startTestApp, type TestApp } from './harness.ts';
import { codeIn, send } from './raw-http.ts';

const confirm = 'delete my account';

/** A database that a test looks into as nothing in the service can. */
async function openDatabase() {
  const made = await createTestDatabase(inject('database'));
  const admin = new pg.Client({ connectionString: made.directUrl });
  await admin.connect();
  await admin.query('set role typedo_schema');
  const { rows: tables } = await admin.query<{ name: string; isOfUsers: boolean }>(
    `select relname as name, exists (select from pg_attribute where attrelid = pg_class.oid
        and attname in ('owner_id', 'user_id')) as "isOfUsers"
      from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace`,
  );
  for (const { name } of tables) {
    await admin.query(`alter table ${name} no force row level security`);
  }
  onTestFinished(async () => {
    await admin.end();
    await made.drop();
  });
  /** How many rows of each table have one of these texts anywhere, by the catalogue. */
  const rowsWith = async (texts: string[]): Promise<Record<string, number>> => {
    const counts: [string, number][] = [];
    for (const { name } of tables) {
      const { rows } = await admin.query<{ count: number }>(
        `select count(*)::int as count from ${name} as one
          where exists (select from unnest($1::text[]) as known where strpos(one::text, known) > 0)`,
        [texts],
      );
      counts.push([name, rows[0]?.count ?? 0]);
    }
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  };
  const start = async (): Promise<TestApp> => {
    const database = createDatabase({ url: made.url, onError: () => {} });
    return startTestApp({ database });
  };
  return { start, rowsWith, tables };
}

/** Some of everything that one can have, and every kind of token. */
async function fullUser(app: TestApp) {
  const user = await signUpTestUser(app);
  const { client } = user;
  const { id: listId } = await client.lists.create.mutate({ name: user.email });
  await client.lists.create.mutate({ name: user.email });
  await client.tasks.create.mutate({ title: user.email, listId });
  const { id } = await client.tasks.create.mutate({ title: 'x', notes: user.email });
  await client.tasks.delete.mutate({ id });
  const { token: personal } = await client.tokens.create.mutate({
    name: 'x',
    scopes: ['account:read', 'tasks:write'],
    expiresAt: null,
  });
  const phone = await signIn(app.url, user);
  const jwt = await accessToken(app, user.session);
  const exchanged = await accessToken(app, { session: personal });
  const { id: ownerId } = await client.account.me.query();
  const userId = decodeJwt(jwt).sub ?? '';
  const sessions = [user.session.session, phone.session];
  const bearers = [jwt, await accessToken(app, phone), personal, exchanged];
  return { ...user, sessions, bearers, texts: [ownerId, userId, user.email] };
}

/** What each bearer is answered with by tRPC and REST, reading and writing. */
const verdicts = async ({ url }: TestApp, bearers: string[]): Promise<string[]> => {
  const answers = bearers.flatMap((bearer) => {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ title: 'too late' });
    return [
      send(url, { path: '/api/trpc/account.me', headers }),
      send(url, { path: '/api/v1/account', headers }),
      send(url, { path: '/api/v1/tasks', method: 'POST', headers, body }),
    ];
  });
  return (await Promise.all(answers)).map(({ text }) => codeIn(text));
};

test('what a deleted account leaves: no row with the user’s id in any table, and no token that works', async () => {
  const { start, rowsWith, tables } = await openDatabase();
  await using here = await start();
  await using there = await start();
  await using elsewhere = await start();
  const [ann, bob] = [await fullUser(here), await fullUser(here)];
  // One other server knows her tokens, too; the last has not heard of her.
  expect(new Set(await verdicts(there, ann.bearers))).toEqual(new Set(['ok']));

  const before = await rowsWith(ann.texts);
  const bobsBefore = await rowsWith(bob.texts);
  const { rows } = await ann.client.account.export.query();
  expect(rows).toEqual(before);
  const ofUsers = tables.filter(({ isOfUsers }) => isOfUsers).map(({ name }) => name);
  expect(Object.keys(rows), 'tables of users').toEqual(expect.arrayContaining(ofUsers));

  const deleted = await ann.client.account.delete.mutate({ confirm, password: ann.password });
  expect(deleted).toEqual(before);
  expect(await verdicts(here, ann.bearers)).not.toContain('ok');
  expect(await verdicts(elsewhere, ann.bearers)).not.toContain('ok');
  // Until the other has heard of it, her tokens tell who they were of, and write nothing.
  const writes = (await verdicts(there, ann.bearers)).filter((_, index) => index % 3 === 2);
  expect(writes).not.toContain('ok');
  passTime(5000);
  expect(await verdicts(there, ann.bearers)).not.toContain('ok');
  expect(await rowsWith(ann.texts)).toEqual({});
  console.log(
    `rows of a deleted user: ${Object.values(before).reduce((sum, count) => sum + count)} before, 0 after, in ${tables.length} tables`,
  );

  for (const app of [here, there]) {
    for (const session of [...ann.sessions, ...ann.bearers]) {
      const headers = { authorization: `Bearer ${session}` };
      const { status } = await send(app.url, { path: '/api/auth/token', headers });
      expect(status).toBe(401);
    }
    await expect(signIn(app.url, ann)).rejects.toMatchObject({ status: 401 });
  }
  expect(await rowsWith(bob.texts)).toEqual(bobsBefore);
  expect(await verdicts(here, bob.bearers)).toEqual(bob.bearers.flatMap(() => ['ok', 'ok', 'ok']));
  // The address is free again, for an account that begins with nothing.
  const { email } = await signUpTestUser(here, ann);
  expect(email).toBe(ann.email);
});

const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'accepted',
    (error) => error.data?.code,
  );
const remove = (client: TypedoClient, password?: string) =>
  codeOf(client.account.delete.mutate({ confirm, ...(password !== undefined && { password }) }));

test('an account with a password is deleted by that alone, which cannot be guessed', async () => {
  await using app = await startTestApp({ attemptsPerMinute: 5 });
  const { client, password } = await signUpTestUser(app);
  for (const wrong of [undefined, '', 'wrong horse', `${password}\u0000`, `${password} `]) {
    expect(await remove(client, wrong)).toMatch(/PASSWORD_WRONG|VALIDATION_FAILED/);
  }
  for (const wrong of ['a', 'b']) await remove(client, wrong);
  expect(await remove(client, password)).toBe('RATE_LIMITED');
  expect((await client.tasks.list.query({})).items).toEqual([]);
});

test('personal tokens neither export nor delete an account, whatever they may', async () => {
  await using app = await startTestApp();
  const { client, password } = await signUpTestUser(app);
  const { token } = await client.tokens.create.mutate({
    name: 'x',
    scopes: ['account:read', 'lists:write', 'tasks:write'],
    expiresAt: null,
  });
  const script = createClient({ url: app.url, auth: { token } });
  expect(await remove(script, password)).toBe('SCOPE_MISSING');
  expect(await codeOf(script.account.export.query())).toBe('SCOPE_MISSING');
});

test('a guest needs no password to delete what they tried, as nobody knows it', async () => {
  await using app = await startTestApp();
  const guest = await signUpTestUser(app, { email: `try-${crypto.randomUUID()}@typedo.invalid` });
  await guest.client.tasks.create.mutate({ title: 'x' });
  expect(await remove(guest.client)).toBe('accepted');
  expect(await codeOf(guest.client.account.me.query())).not.toBe('accepted');
});

test('a user of another issuer is forgotten with all their tokens, and begins anew if they come back', async () => {
  await using issuer = await startTestIssuer();
  await using app = await startTestApp({ trustedIssuers: [issuer.trusted] });
  const sub = crypto.randomUUID();
  const token = await issuer.sign({ sub });
  const client = createClient({ url: app.url, auth: { jwt: () => token } });
  const { id } = await client.account.me.query();
  await client.tasks.create.mutate({ title: 'x' });
  expect(await client.account.export.query()).toMatchObject({
    issuer: issuer.trusted.issuer,
    subject: sub,
    rows: { owners: 1, tasks: 1, auth_users: 0 },
  });
  expect(await remove(client)).toBe('accepted');
  expect(await codeOf(client.account.me.query())).toBe('SESSION_ENDED');

  const later = await issuer.sign({ sub, jti: 'later' });
  const again = createClient({ url: app.url, auth: { jwt: () => later } });
  expect((await again.account.me.query()).id).not.toBe(id);
  expect((await again.tasks.list.query({})).items).toEqual([]);
});

test('calls that are under way when the account is deleted end well, and leave nothing', async () => {
  const { start, rowsWith } = await openDatabase();
  await using app = await start();
  const { client, password, texts } = await fullUser(app);
  const title = texts.join(' ').slice(0, 200);
  const calls = Array.from({ length: 40 }, (_, n) =>
    codeOf(
      n % 2
        ? client.tasks.create.mutate({ title })
        : client.tokens.create.mutate({ name: 'x', scopes: ['tasks:read'], expiresAt: null }),
    ),
  );
  expect(await remove(client, password)).toBe('accepted');
  for (const code of await Promise.all(calls)) {
    expect(['accepted', 'SESSION_ENDED', 'UNAUTHENTICATED']).toContain(code);
  }
  expect(await rowsWith(texts)).toEqual({});
});
