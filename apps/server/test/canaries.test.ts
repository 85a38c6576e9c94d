import { inspect } from 'node:util';
import { manifest } from '@typedo/api';
import { identityRoutes } from '@typedo/auth';
import { createDatabase } from '@typedo/db';
import { createTestDatabase } from '@typedo/db/testing';
import pg from 'pg';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { restRoutes } from '../src/faces/rest/routes.ts';
import { createLog } from '../src/log.ts';
import { requiredOf } from './corpus.ts';
import { accessToken, signUpTestUser, startTestApp, type TestApp } from './harness.ts';
import { answering } from './requests.ts';
import { type RawRequest, send } from './raw-http.ts';

const json = { 'content-type': 'application/json' };

afterEach(() => void vi.restoreAllMocks());

/** Everything that is logged at the lowest level, and what libraries print past the log. */
function everythingLogged() {
  const logs: string[] = [];
  const log = createLog('trace', { write: (line) => void logs.push(line) });
  for (const level of ['error', 'warn', 'info', 'log', 'debug'] as const) {
    vi.spyOn(console, level).mockImplementation((...given) => void logs.push(inspect(given)));
  }
  return { logs, log };
}

/** A user whose every secret and text is known by a word of its own. */
async function userOfCanaries(app: TestApp) {
  const mark = crypto.randomUUID();
  const user = await signUpTestUser(app, {
    email: `mail-${mark}@example.com`,
    password: `password-${mark}`,
  });
  const { token: personal } = await user.client.tokens.create.mutate({
    name: `name-${mark}`,
    scopes: ['account:read', 'lists:write', 'tasks:write'],
    expiresAt: null,
  });
  const signedIn = await send(app.url, {
    path: '/api/auth/sign-in/email',
    method: 'POST',
    headers: { ...json, origin: app.url },
    body: JSON.stringify({ email: user.email, password: user.password }),
  });
  expect(signedIn.status).toBe(200);
  const cookie = (signedIn.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ');
  const jwt = await accessToken(app, user.session);
  const text = `text-${mark}`;
  const session = user.session.session;
  const { email, password } = user;
  return { email, password, session, cookie, jwt, personal, text };
}
type Canaries = Awaited<ReturnType<typeof userOfCanaries>>;

const everyPath = (canary: string): string[] => [
  ...manifest.procedures.map(({ path }) => `/api/trpc/${path}`),
  ...restRoutes(manifest).map(({ path }) => `/api/v1${path.replace('{id}', canary)}`),
  ...identityRoutes.map(({ path }) => `/api/auth${path}`),
  '/livez',
  '/readyz',
  '/docs',
  '/panel',
  '/api/openapi.json',
  '/nowhere',
  `/${canary}`,
  `/docs/${canary}`,
  `/api/v1/${canary}`,
  `/api/v1/tasks/${canary}/complete`,
  `/api/trpc/${canary}`,
  `/api/trpc/tasks.list,${canary}.${canary},tasks.get?batch=1`,
];

/** Bodies that are read to different depths, with a canary in each part of them. */
const bodiesWith = (canary: string): string[] => [
  JSON.stringify({ json: canary, title: canary, name: canary, id: canary, [canary]: canary }),
  JSON.stringify({ json: { title: canary, notes: canary, id: canary, listId: canary } }),
  JSON.stringify({ json: { title: canary, notes: canary } }),
  JSON.stringify({ json: { name: canary } }),
  JSON.stringify({ title: canary, notes: canary }),
  JSON.stringify({ name: canary }),
  JSON.stringify({ email: canary, password: canary, name: canary, token: canary }),
  JSON.stringify({ confirm: 'delete my account', password: canary }),
  JSON.stringify({ title: 5, notes: { [canary]: canary }, due: canary, priority: canary }),
  `{"title":"${canary}`,
  `${'['.repeat(40)}"${canary}"${']'.repeat(40)}`,
  `{"__proto__":{"${canary}":"${canary}"}}`,
  `{"title":"${canary}\\u0000"}`,
  canary,
];

/** Every way to bring a canary along, by every route. */
function requestsWith(canary: string, authorization: string): RawRequest[] {
  const query = encodeURIComponent(canary);
  const headers = { ...json, authorization };
  const carried = {
    'x-canary': canary,
    referer: `http://x.invalid/${query}`,
    cookie: `c=${query}`,
  };
  return everyPath(query).flatMap((path) => {
    const separator = path.includes('?') ? '&' : '?';
    const asked = `${path}${separator}${query}=${query}&input=${query}&cursor=${query}&token=${query}`;
    return [
      { path: asked, headers: { authorization, ...carried } },
      { path: asked, method: 'POST', headers, body: '{}' },
      { path, method: 'PATCH', headers: { ...headers, 'if-match': canary }, body: '{}' },
      { path, method: 'POST', headers: { ...headers, 'content-type': 'text/plain' }, body: canary },
      ...bodiesWith(canary).map((body) => ({ path, method: 'POST', headers, body })),
    ];
  });
}

/** Where a text that must not be is logged, and how. */
const found = (logs: string[], canaries: Canaries): string[] => {
  const secrets = Object.entries(canaries).flatMap(([name, value]) =>
    [value, encodeURIComponent(value), value.slice(0, 40)].map((text) => [name, text] as const),
  );
  return logs.flatMap((line) =>
    secrets.filter(([, text]) => line.includes(text)).map(([name]) => `${name} in ${line}`),
  );
};

/** Sends them so many at a time; what has no answer has no log line either, and is none of these. */
async function sendAll(app: TestApp, requests: RawRequest[]): Promise<Map<number, number>> {
  const statuses: number[] = [];
  const queue = [...requests];
  const worker = async () => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      statuses.push((await send(app.url, next)).status);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return new Map([...Map.groupBy(statuses, (status) => status)].map(([s, all]) => [s, all.length]));
}

test('no password, cookie, token or text is logged, by whichever route it came and whatever came of it', async () => {
  const { logs, log } = everythingLogged();
  await using app = await startTestApp({ log });
  const canaries = await userOfCanaries(app);
  const { cookie, ...values } = canaries;
  const asUser = Object.values(values).flatMap((one) =>
    requestsWith(one, `Bearer ${canaries.jwt}`),
  );
  // Some of these sign the user out, so that they come last.
  const asThemselves = Object.values(values).flatMap((one) => requestsWith(one, `Bearer ${one}`));
  const byCookie = everyPath('x').flatMap((path) => [
    { path, headers: { cookie } },
    { path, method: 'POST', headers: { ...json, cookie, origin: app.url }, body: '{}' },
  ]);
  const statuses = await sendAll(app, asUser);
  await sendAll(app, byCookie);
  await sendAll(app, asThemselves);
  const total = asUser.length + asThemselves.length + byCookie.length;
  vi.restoreAllMocks();
  console.log(
    `canaries in the log: ${found(logs, canaries).length} after ${total} requests`,
    statuses,
  );
  expect(found(logs, canaries)).toEqual([]);
  expect(logs.length).toBeGreaterThan(total);
  expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
}, 180_000);

/** What a database can do to a service, as its administrator would by accident. */
const breakages: [name: string, statements: string[]][] = [
  [
    'a check that nothing passes',
    [
      "alter table tasks add check (title = '') not valid",
      "alter table lists add check (name = '') not valid",
    ],
  ],
  [
    'a column that is gone',
    ['alter table tasks rename title to heading', 'alter table auth_users rename name to called'],
  ],
  [
    'a type that does not fit',
    [
      'alter table tasks alter notes drop default, alter notes type integer using 0',
      'alter table lists alter name type bytea using null',
    ],
  ],
  ['a table that is gone', ['drop table tasks', 'drop table auth_accounts']],
  [
    'rights that are gone',
    [
      'revoke all on tasks, lists, personal_tokens from typedo_app',
      'revoke all on auth_users, auth_accounts from typedo_auth',
    ],
  ],
];

test.each(breakages)('nor when the database fails: %s', async (_, statements) => {
  const made = await createTestDatabase(inject('database'));
  const admin = new pg.Client({ connectionString: made.directUrl });
  await admin.connect();
  await admin.query('set role typedo_schema');
  const { logs, log } = everythingLogged();
  const database = createDatabase({ url: made.url, onError: () => {} });
  {
    await using app = await startTestApp({ log, database });
    const canaries = await userOfCanaries(app);
    for (const statement of statements) await admin.query(statement);
    const { text, jwt, email, password, personal } = canaries;
    const headers = { ...json, authorization: `Bearer ${jwt}`, origin: app.url };
    const calls = answering.procedures.map((procedure): RawRequest => {
      const input = JSON.stringify({
        json: { ...requiredOf(procedure), ...texts(procedure.input, text) },
      });
      return procedure.kind === 'query'
        ? { path: `/api/trpc/${procedure.path}?input=${encodeURIComponent(input)}`, headers }
        : { path: `/api/trpc/${procedure.path}`, method: 'POST', headers, body: input };
    });
    const rest = [
      { path: '/api/v1/tasks', method: 'POST', headers, body: JSON.stringify({ title: text }) },
      { path: '/api/v1/tasks', headers: { authorization: `Bearer ${personal}` } },
      {
        path: '/api/v1/account/delete',
        method: 'POST',
        headers,
        body: JSON.stringify({ confirm: 'delete my account', password }),
      },
    ];
    const auth = ['/sign-up/email', '/sign-in/email'].map((path) => ({
      path: `/api/auth${path}`,
      method: 'POST',
      headers: { ...json, origin: app.url },
      body: JSON.stringify({
        name: text,
        email: path === '/sign-up/email' ? `new-${email}` : email,
        password,
      }),
    }));
    const statuses = await sendAll(app, [...calls, ...rest, ...auth]);
    expect(Math.max(...statuses.keys())).toBeGreaterThanOrEqual(500);
    expect(found(logs, canaries)).toEqual([]);
  }
  await admin.end();
  await made.drop();
});

/** The canary in every field that takes a text. */
function texts(
  {
    properties = {},
  }: {
    properties?: Record<
      string,
      { type?: unknown; format?: unknown; const?: unknown; enum?: unknown }
    >;
  },
  text: string,
) {
  const plain = Object.entries(properties).filter(
    ([name, field]) =>
      field.type === 'string' &&
      !field.format &&
      !field.enum &&
      field.const === undefined &&
      name !== 'cursor',
  );
  return Object.fromEntries(plain.map(([name]) => [name, text]));
}

test('who guesses e-mail addresses is answered the same for those that there are and those that are not', async () => {
  await using app = await startTestApp();
  const { email } = await signUpTestUser(app);
  const signIn = async (who: string, password: string) => {
    const { status, headers, text } = await send(app.url, {
      path: '/api/auth/sign-in/email',
      method: 'POST',
      headers: { ...json, origin: app.url },
      body: JSON.stringify({ email: who, password }),
    });
    const { date: _, 'x-request-id': __, ratelimit: ___, ...same } = headers;
    return { status, headers: same, text };
  };
  const unknown = `${crypto.randomUUID()}@example.com`;
  for (const password of [
    'wrong horse',
    '',
    'x'.repeat(73),
    'é'.repeat(40),
    '\t',
    'x'.repeat(1000),
  ]) {
    expect(await signIn(email, password), password).toEqual(await signIn(unknown, password));
    expect((await signIn(email.toUpperCase(), password)).status).toBe(
      (await signIn(unknown, password)).status,
    );
  }
});
