import { manifest } from '@typedo/api';
import { identityRoutes } from '@typedo/auth';
import type { ManifestProcedure } from '@typedo/contract';
import { afterAll, expect, test } from 'vitest';
import { restRoutes } from '../src/faces/rest/routes.ts';
import { requiredOf, valid } from './corpus.ts';
import { accessToken, signUpTestUser, startTestApp } from './harness.ts';
import { type RawAnswer, send } from './raw-http.ts';

const app = await startTestApp();
afterAll(() => app.close());

/** Six types of body, with what a page could make of the same fields. */
const types: [name: string, headers: Record<string, string>, body: (fields: object) => string][] = [
  ['JSON', { 'content-type': 'application/json' }, JSON.stringify],
  [
    'a form with files',
    { 'content-type': 'multipart/form-data; boundary=b' },
    (fields) =>
      `${Object.entries(fields)
        .map(
          ([name, value]) =>
            `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}`,
        )
        .join('\r\n')}\r\n--b--\r\n`,
  ],
  [
    'a form',
    { 'content-type': 'application/x-www-form-urlencoded' },
    (fields) => new URLSearchParams(fields as Record<string, string>).toString(),
  ],
  ['text', { 'content-type': 'text/plain; application/json' }, JSON.stringify],
  ['bytes', { 'content-type': 'application/octet-stream' }, JSON.stringify],
  ['no type', {}, JSON.stringify],
];

const origins: [name: string, headers: Record<string, string>][] = [
  ['our own page', { origin: app.url, 'sec-fetch-site': 'same-origin' }],
  ['another page', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['a sandbox', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
  ['a page that does not say', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
];

/** Each type from each origin. */
const ways = types.flatMap(([type, typeHeaders, toBody]) =>
  origins.map(([origin, originHeaders]) => ({
    type,
    origin,
    headers: { ...typeHeaders, ...originHeaders },
    toBody,
  })),
);

/** A guest, who needs no password to delete their account, and has what the inputs name. */
const newUser = async () => {
  const user = await signUpTestUser(app, { email: `try-${crypto.randomUUID()}@typedo.invalid` });
  const id = String(valid({ format: 'uuid' }));
  await user.client.lists.create.mutate({ id, name: 'mine' });
  await user.client.tasks.create.mutate({ id, title: 'mine', listId: id });
  const { headers } = await send(app.url, {
    path: '/api/auth/sign-in/email',
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: app.url },
    body: JSON.stringify({ email: user.email, password: user.password }),
  });
  const cookie = headers['set-cookie']?.map((line) => line.split(';')[0]).join('; ') ?? '';
  const authorization = `Bearer ${await accessToken(app, user.session)}`;
  return { ...user, cookie, authorization };
};

/** Everything of the user's that a mutation could change. */
const dataOf = async ({ client }: Awaited<ReturnType<typeof newUser>>) => {
  const { exportedAt: _, ...all } = await client.account.export.query();
  return all;
};

/** Every address of a procedure, with the least that it takes there. */
const addresses = (procedure: ManifestProcedure) => [
  {
    path: `/api/trpc/${procedure.path}`,
    method: 'POST',
    fields: { json: requiredOf(procedure) } as object,
    isBodied: true,
  },
  ...restRoutes(manifest)
    .filter((route) => route.procedure === procedure)
    .map(({ path, method, fields, isBodied }) => ({
      path: `/api/v1${path.replace('{id}', String(requiredOf(procedure).id))}`,
      method,
      fields: Object.fromEntries(
        fields
          .filter(({ place, isRequired }) => place === 'body' && isRequired)
          .map(({ name, schema }) => [name, valid(schema)]),
      ),
      isBodied,
    })),
];

const mutations = manifest.procedures.filter(({ kind }) => kind === 'mutation');
const isRefused = ({ status }: RawAnswer): boolean => [401, 403, 415].includes(status);

test(`no mutation (${mutations.length}) runs for a cookie alone, or for a body that is not JSON (${ways.length} ways)`, async () => {
  const user = await newUser();
  const before = await dataOf(user);

  const executed: string[] = [];
  let requests = 0;
  for (const { path, method, fields, isBodied } of mutations.flatMap(addresses)) {
    for (const { type, origin, headers, toBody } of ways) {
      const body = type === 'JSON' && !isBodied ? '' : toBody(fields);
      const withCookie = { ...headers, cookie: user.cookie };
      const asks = [
        withCookie,
        // A program may send its token from wherever it likes, but nothing that is not JSON.
        ...(type === 'JSON' ? [] : [{ ...withCookie, authorization: user.authorization }]),
      ];
      for (const ask of asks) {
        requests += 1;
        const answer = await send(app.url, { path, method, headers: ask, body });
        if (!isRefused(answer))
          executed.push(`${method} ${path}, ${type} of ${origin}: ${answer.status}`);
      }
    }
  }
  console.log(`requests that run no mutation: ${requests - executed.length} of ${requests}`);
  expect(executed).toEqual([]);
  expect(requests).toBeGreaterThan(mutations.length * ways.length * 2);
  expect(await dataOf(user)).toEqual(before);
});

test('what is refused of others is done for a token and JSON', async () => {
  for (const { path, method, fields, isBodied } of mutations.flatMap(addresses)) {
    const { authorization } = await newUser();
    const headers = { authorization, 'content-type': 'application/json' };
    const body = isBodied ? JSON.stringify(fields) : '';
    const answer = await send(app.url, { path, method, headers, body });
    expect(isRefused(answer), `${method} ${path}: ${answer.text}`).toBe(false);
  }
});

test('a link or an image runs no mutation, whoever follows it', async () => {
  const user = await newUser();
  const before = await dataOf(user);
  const { cookie, authorization } = user;
  const asks = mutations.flatMap((procedure) =>
    addresses(procedure).flatMap(({ path, fields }) => {
      const query = `input=${encodeURIComponent(JSON.stringify(fields))}`;
      return ['GET', 'HEAD'].flatMap((method) => [
        { path: `${path}?${query}`, method, headers: { cookie } },
        { path: `${path}?${query}`, method, headers: { authorization } },
      ]);
    }),
  );
  for (const ask of asks) await send(app.url, ask);
  expect(await dataOf(user)).toEqual(before);
});

/** What each of better-auth's routes that change something takes. */
const bodies: Record<string, (user: { email: string; password: string }) => object> = {
  '/sign-up/email': () => ({
    name: 'x',
    email: `${crypto.randomUUID()}@example.com`,
    password: 'correct horse',
  }),
  '/sign-in/email': ({ email, password }) => ({ email, password }),
  '/sign-out': () => ({}),
  '/revoke-session': () => ({ token: 'x' }),
  '/revoke-sessions': () => ({}),
  '/revoke-other-sessions': () => ({}),
  '/change-password': ({ password }) => ({
    currentPassword: password,
    newPassword: 'another horse',
    revokeOtherSessions: true,
  }),
};
const changing = identityRoutes.filter(({ method }) => method === 'POST').map(({ path }) => path);

test(`where cookies act (${changing.length} routes), nothing is done but for JSON of our own pages`, async () => {
  const user = await newUser();
  const done: string[] = [];
  let requests = 0;
  for (const path of changing) {
    for (const { type, origin, headers, toBody } of ways) {
      if (type === 'JSON' && origin === 'our own page') continue;
      const fields = bodies[path]?.(user) ?? {};
      // Signing somebody in as somebody else needs no cookie.
      const cookies = /^.sign-(in|up)/.test(path)
        ? [{ cookie: user.cookie }, {}]
        : [{ cookie: user.cookie }];
      for (const cookie of cookies) {
        requests += 1;
        const answer = await send(app.url, {
          path: `/api/auth${path}`,
          method: 'POST',
          headers: { ...headers, ...cookie },
          body: toBody(fields),
        });
        if (!isRefused(answer)) done.push(`${path}, ${type} of ${origin}: ${answer.status}`);
      }
    }
  }
  console.log(`requests that do nothing to a session: ${requests - done.length} of ${requests}`);
  expect(done).toEqual([]);
  const { text } = await send(app.url, {
    path: '/api/auth/get-session',
    headers: { cookie: user.cookie },
  });
  expect(text).toContain(user.email);

  // And it is done for our own pages.
  for (const path of changing) {
    const own = await newUser();
    const { status } = await send(app.url, {
      path: `/api/auth${path}`,
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: app.url, cookie: own.cookie },
      body: JSON.stringify(bodies[path]?.(own)),
    });
    expect(status, path).toBe(200);
  }
});

test.each([
  'application/json',
  'APPLICATION/JSON',
  'application/json;charset=utf-8',
  ' application/json ; charset=utf-8',
  'application/json\t',
  'application/json\t; x',
  'application/json;',
  'application/jsonx',
  'application/json, text/plain',
  'text/plain, application/json',
  'application/ json',
  'application/vnd.api+json',
  'application /json',
  'text/json',
  'application/json\u00a0',
  ';application/json',
  'x',
])('a type written %j is JSON to every face, or to none', async (contentType) => {
  const { authorization } = await newUser();
  const post = (path: string, body: object) =>
    send(app.url, {
      path,
      method: 'POST',
      headers: { authorization, 'content-type': contentType, origin: app.url },
      body: JSON.stringify(body),
    });
  const answers = await Promise.all([
    post('/api/trpc/tasks.create', { json: { title: 'x', ownerId: 'x' } }),
    post('/api/v1/tasks', { title: 'x', ownerId: 'x' }),
    post('/api/auth/sign-up/email', { name: 'x', email: 'x', password: 'correct horse' }),
  ]);
  const statuses = new Set(answers.map(({ status }) => status));
  expect([...statuses]).toHaveLength(1);
  expect([400, 415]).toContain([...statuses][0]);
});

test.each([
  ['https://typedo.example.com', true],
  ['http://typedo.test', false],
])(
  'a session’s cookie is for this site alone and for no script: at %s',
  async (baseUrl, isSecure) => {
    await using site = await startTestApp({ baseUrl, corsOrigins: [] });
    const headers = { 'content-type': 'application/json', origin: baseUrl };
    const credentials = { email: `${crypto.randomUUID()}@example.com`, password: 'correct horse' };
    const post = (path: string, body: object) =>
      send(site.url, {
        path: `/api/auth${path}`,
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
    for (const answer of [
      await post('/sign-up/email', { name: 'Ann', ...credentials }),
      await post('/sign-in/email', credentials),
    ]) {
      expect(answer.status).toBe(200);
      const cookies = answer.headers['set-cookie'] ?? [];
      expect(cookies).not.toEqual([]);
      for (const cookie of cookies) {
        const flags = cookie
          .split('; ')
          .slice(1)
          .map((flag) => flag.toLowerCase());
        expect(flags).toEqual(expect.arrayContaining(['httponly', 'samesite=lax', 'path=/']));
        expect(flags.includes('secure')).toBe(isSecure);
        expect(flags.some((flag) => flag.startsWith('domain='))).toBe(false);
        expect(cookie.startsWith('__Secure-')).toBe(isSecure);
      }
    }
    expect(
      (await send(site.url, { path: '/livez' })).headers['strict-transport-security'] !== undefined,
    ).toBe(isSecure);
  },
);
