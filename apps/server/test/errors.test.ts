import type { ManifestProcedure } from '@typedo/contract';
import { createClient, type ErrorData } from '@typedo/client';
import { expect, test } from 'vitest';
import { fieldsOf, requiredOf } from './corpus.ts';
import { startTestApp, signUpTestUser } from './harness.ts';
import { answering } from './requests.ts';

const app = await startTestApp();
const { session } = await signUpTestUser(app);
const token = await fetch(`${app.url}/api/auth/token`, {
  headers: { authorization: `Bearer ${session.session}` },
}).then(async (response) => ((await response.json()) as { token: string }).token);

/** Calls a procedure as another program would: JSON over HTTP. */
const call = async ({ path, kind }: ManifestProcedure, input: unknown) => {
  const json = JSON.stringify({ json: input });
  const query = kind === 'query' ? `?input=${encodeURIComponent(json)}` : '';
  const response = await fetch(`${app.url}/api/trpc/${path}${query}`, {
    method: kind === 'query' ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(kind === 'mutation' && { body: json }),
  });
  const body = (await response.json()) as {
    error?: { json: { message: string; data: ErrorData } };
  };
  return { status: response.status, ...body.error?.json };
};

const cases = answering.procedures.flatMap((procedure) => {
  const base = requiredOf(procedure);
  const wrong = fieldsOf(procedure).flatMap(([field]) =>
    // None of these fits any field of any procedure.
    [{ nonsense: true }, [1], '\0', 1e308, 'x'.repeat(10_001)].map((value) => ({
      procedure,
      field,
      input: { ...base, [field]: value },
    })),
  );
  const missing = Object.keys(base).map((field) => ({
    procedure,
    field,
    input: Object.fromEntries(Object.entries(base).filter(([name]) => name !== field)),
  }));
  const unknown = { procedure, field: 'ownerId', input: { ...base, ownerId: 'x' } };
  return [...wrong, ...missing, unknown];
});

test(`each wrong input of each procedure gets an error that names the field (${cases.length} cases)`, async () => {
  for (const { procedure, field, input } of cases) {
    const { status, data } = await call(procedure, input);
    const what = `${procedure.path} ${JSON.stringify(input).slice(0, 100)}`;
    expect(status, what).toBe(400);
    expect(data, what).toMatchObject({ code: 'VALIDATION_FAILED', path: procedure.path });
    expect(
      data?.issues?.map(({ path }) => path[0]),
      what,
    ).toContain(field);
  }
});

test('what is no object at all is refused too', async () => {
  for (const procedure of answering.procedures) {
    for (const input of ['x', 1, [], null]) {
      expect(await call(procedure, input)).toMatchObject({ data: { code: 'VALIDATION_FAILED' } });
    }
  }
});

test('no procedure answers without a token, or with a wrong one', async () => {
  for (const { path, kind } of answering.procedures) {
    for (const [authorization, code] of [
      [undefined, 'UNAUTHENTICATED'],
      ['Basic YTpi', 'UNAUTHENTICATED'],
      ['Bearer nonsense', 'TOKEN_INVALID'],
      [`Bearer ${token.slice(0, -4)}AAAA`, 'TOKEN_INVALID'],
    ]) {
      const response = await fetch(`${app.url}/api/trpc/${path}`, {
        method: kind === 'query' ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { json: { data: { code, path } } } });
    }
  }
});

test('a request that cannot be read is told why', async () => {
  const post = (body: string | FormData, contentType?: string, path = 'tasks.create') =>
    fetch(`${app.url}/api/trpc/${path}`, {
      method: 'POST',
      body,
      headers: {
        authorization: `Bearer ${token}`,
        ...(contentType && { 'content-type': contentType }),
      },
    });
  const get = (path: string) =>
    fetch(`${app.url}/api/trpc/${path}`, { headers: { authorization: `Bearer ${token}` } });
  const json = 'application/json';
  const form = new FormData();
  form.set('title', 'x');
  const requests: [Promise<Response>, number, string][] = [
    [post('{not json', json), 400, 'MALFORMED_REQUEST'],
    [post(`"${'x'.repeat(1_100_000)}"`, json), 413, 'PAYLOAD_TOO_LARGE'],
    [post('{"json":{"title":"x"}}', 'text/plain'), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [post(form), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [post('{}', json, 'tasks.nope'), 404, 'PROCEDURE_NOT_FOUND'],
    [post('{}', json, 'tasks.list'), 405, 'METHOD_NOT_ALLOWED'],
    [get('tasks.create'), 405, 'METHOD_NOT_ALLOWED'],
    [get('tasks.list?input=nonsense'), 400, 'MALFORMED_REQUEST'],
    [get(`${'tasks.list,'.repeat(20)}tasks.list?batch=1`), 400, 'MALFORMED_REQUEST'],
  ];
  for (const [request, status, code] of requests) {
    const response = await request;
    const body = await response.text();
    expect([response.status, /"code":"([A-Z_]+)"/.exec(body)?.[1]], body.slice(0, 200)).toEqual([
      status,
      code,
    ]);
  }
  const nowhere = await fetch(`${app.url}/api/nowhere`);
  expect(nowhere.headers.get('content-type')).toContain('application/problem+json');
  expect(await nowhere.json()).toMatchObject({ status: 404, code: 'PROCEDURE_NOT_FOUND' });
});

test('errors carry the id of their request, and nothing of the server’s insides', async () => {
  const response = await fetch(
    `${app.url}/api/trpc/tasks.get?input=${encodeURIComponent('{"json":{}}')}`,
  );
  const text = await response.text();
  expect(text).toContain(response.headers.get('x-request-id'));
  expect(text).not.toMatch(/node_modules|\.ts|at /);
});

test('a batch carries as many calls as its limit allows', async () => {
  const client = createClient({ url: app.url, auth: session });
  const made = await Promise.all(
    Array.from({ length: 50 }, (_, n) => client.tasks.create.mutate({ title: `t${n}` })),
  );
  expect(new Set(made.map(({ id }) => id)).size).toBe(50);
});

test('no input makes the server build what only superjson knows', async () => {
  const { title, ...metas } = {
    title: 'x',
    bytes: { values: { title: [['typed-array', 'Uint8Array']] } },
    map: { values: { title: ['map'] } },
    regexp: { values: ['regexp'] },
    shared: { referentialEqualities: { title: ['notes'] } },
    prototype: { values: { '__proto__.polluted': ['bigint'] } },
  };
  for (const meta of Object.values(metas)) {
    const response = await fetch(`${app.url}/api/trpc/tasks.create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ json: { title: { length: 2e9 }, notes: title }, meta }),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('"code":"MALFORMED_REQUEST"');
  }
});

test('paths and methods that nobody knows get an answer of the catalogue too', async () => {
  const answers = await Promise.all(
    [
      ['GET', '/x%zz', 'MALFORMED_REQUEST'],
      ['GET', `/api/trpc/${'x'.repeat(3000)}`, 'MALFORMED_REQUEST'],
      ['PUT', '/api/trpc/tasks.list', 'METHOD_NOT_ALLOWED'],
      ['DELETE', '/api/trpc/tasks.list', 'METHOD_NOT_ALLOWED'],
      ['POST', '/livez', 'PROCEDURE_NOT_FOUND'],
    ].map(async ([method = '', path, code]) => {
      const response = await fetch(`${app.url}${path}`, { method });
      expect(response.headers.get('content-type')).toMatch(/json/);
      return [/"code":"([A-Z_]+)"/.exec(await response.text())?.[1], code];
    }),
  );
  for (const [answered, expected] of answers) expect(answered).toBe(expected);
});
