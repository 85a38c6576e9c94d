import type { Scope } from '@typedo/contract';
import { afterAll, expect, test } from 'vitest';
import { signUpTestUser, startTestApp } from './harness.ts';

const app = await startTestApp();
afterAll(() => app.close());

/** A new user's way to REST, as `fetch` but for the headers that every call has. */
const newUser = async (scopes: Scope[] = ['tasks:write', 'lists:write', 'account:read']) => {
  const { client } = await signUpTestUser(app);
  const { token } = await client.tokens.create.mutate({ name: 'x', scopes, expiresAt: null });
  return async (line: string, body?: unknown, headers: Record<string, string> = {}) => {
    const [method = '', path = ''] = line.split(' ');
    const hasBody = body !== undefined;
    const response = await fetch(`${app.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(hasBody && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(hasBody && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    // Whatever came: the tests look at what they expect of it.
    const answer = (text ? JSON.parse(text) : undefined) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, answer };
  };
};

test('a task is made, read, changed in part and in whole, completed and deleted by plain HTTP', async () => {
  const call = await newUser();
  const made = await call('POST /tasks', { title: 'a', due: { kind: 'date', date: '2026-12-24' } });
  const { id } = made.answer;
  expect(made).toMatchObject({
    status: 201,
    answer: { title: 'a', due: { kind: 'date', date: '2026-12-24' }, completedAt: null },
  });
  expect(made.answer.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(made.headers.get('location')).toBe(`/api/v1/tasks/${String(id)}`);
  expect((await call(`GET /tasks/${String(id)}`)).answer).toEqual(made.answer);

  const patched = await call(`PATCH /tasks/${String(id)}`, { title: 'b' });
  expect(patched.answer).toEqual({ ...made.answer, ...patched.answer, title: 'b', version: 2 });
  expect((await call(`PUT /tasks/${String(id)}`, { title: 'c' })).answer).toMatchObject({
    code: 'VALIDATION_FAILED',
    issues: [{ path: ['notes'] }, { path: ['priority'] }, { path: ['due'] }],
  });
  const whole = { title: 'c', notes: 'n', priority: 'low', due: null };
  expect((await call(`PUT /tasks/${String(id)}`, whole)).answer).toMatchObject(whole);
  const completed = await call(`POST /tasks/${String(id)}/complete`);
  expect(completed.answer.completedAt).not.toBeNull();
  // With a type and no body, as many clients send it.
  const empty = { 'content-type': 'application/json' };
  expect((await call(`DELETE /tasks/${String(id)}`, undefined, empty)).status).toBe(200);
  expect((await call('GET /tasks?trashed=true')).answer.items).toMatchObject([{ id }]);
});

test('filters are read by their types: numbers, booleans and null', async () => {
  const call = await newUser();
  const { answer: list } = await call('POST /lists', { name: 'Work' });
  await call('POST /tasks', { title: 'at work', listId: list.id });
  await call('POST /tasks', { title: 'in the Inbox' });
  const titles = async (query: string) => {
    const { answer } = await call(`GET /tasks${query}`);
    return (answer.items as { title: string }[])?.map(({ title }) => title) ?? answer.code;
  };
  expect(await titles('')).toHaveLength(2);
  expect(await titles('?completed=false')).toHaveLength(2);
  expect(await titles('?completed=true')).toEqual([]);
  expect(await titles('?listId=null&limit=1')).toEqual(['in the Inbox']);
  expect(await titles(`?listId=${String(list.id)}`)).toEqual(['at work']);
  for (const wrong of ['?completed=0', '?limit=1&limit=2', '?limit=', '?nope=1', '?__proto__=1']) {
    expect(await titles(wrong), wrong).toBe('VALIDATION_FAILED');
  }
});

test('pages are followed by their links', async () => {
  const call = await newUser();
  for (const title of ['a', 'b', 'c']) await call('POST /tasks', { title });
  const titles: string[] = [];
  let next = '/tasks?limit=2&completed=false';
  while (next) {
    const { answer, headers } = await call(`GET ${next}`);
    titles.push(...(answer.items as { title: string }[]).map(({ title }) => title));
    next = /^<\/api\/v1(.*)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1] ?? '';
  }
  expect(titles).toEqual(['a', 'b', 'c']);
});

test('with If-Match nothing is overwritten that was changed since, and with If-None-Match nothing sent twice', async () => {
  const call = await newUser();
  const { answer, headers } = await call('POST /tasks', { title: 'a' });
  const path = `/tasks/${String(answer.id)}`;
  const etag = headers.get('etag') ?? '';
  const first = await call(`PATCH ${path}`, { title: 'b' }, { 'if-match': etag });
  expect(first.status).toBe(200);
  const second = await call(`PATCH ${path}`, { title: 'c' }, { 'if-match': etag });
  expect(second).toMatchObject({ status: 412, answer: { code: 'VERSION_CONFLICT' } });
  expect((await call(`PATCH ${path}`, { title: 'd' }, { 'if-match': '*' })).status).toBe(200);
  const now = (await call(`GET ${path}`)).headers.get('etag') ?? '';
  const same = await call(`GET ${path}`, undefined, { 'if-none-match': `"0", W/${now}` });
  expect(same).toMatchObject({ status: 304, answer: undefined });
  expect((await call(`GET ${path}`, undefined, { 'if-none-match': etag })).status).toBe(200);
  for (const [line, ifMatch] of [
    [`PATCH ${path}`, 'W/"1"'],
    [`PATCH ${path}`, '1'],
    ['POST /tasks', '"1"'],
  ] as const) {
    const refused = await call(line, { title: 'e' }, { 'if-match': ifMatch });
    expect(refused, `${line} ${ifMatch}`).toMatchObject({ answer: { code: 'MALFORMED_REQUEST' } });
  }
});

test('what is wrong with a request is a problem that says so', async () => {
  const call = await newUser();
  const id = '0199c2d4-7a10-7cc3-98c4-dc0c0c07398f';
  const cases: [line: string, body: unknown, headers: Record<string, string>, status: number][] = [
    ['GET /nope', undefined, {}, 404],
    ['GET /tasks/toString', undefined, {}, 400],
    [`GET /tasks/${id}`, undefined, {}, 404],
    ['POST /tasks', {}, {}, 400],
    ['POST /tasks', [1], {}, 400],
    ['POST /tasks?title=a', {}, {}, 400],
    ['POST /tasks', 'title=a', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    [`PATCH /tasks/${id}`, { id }, {}, 400],
    [`DELETE /tasks/${id}`, { id }, {}, 400],
    ['PUT /tasks', undefined, {}, 405],
    ['GET /tasks', undefined, { authorization: '' }, 401],
    ['GET /tasks', undefined, { authorization: 'Bearer x' }, 401],
    ['GET /tokens', undefined, {}, 403],
  ];
  for (const [line, body, headers, status] of cases) {
    const refused = await call(line, body, headers);
    expect(refused.status, line).toBe(status);
    expect(refused.headers.get('content-type'), line).toMatch('application/problem+json');
    const { code, todo, requestId, ...problem } = refused.answer;
    expect(problem, line).toMatchObject({ type: `urn:typedo:error:${String(code)}`, status });
    expect([typeof todo, requestId], line).toEqual(['string', refused.headers.get('x-request-id')]);
    expect(refused.headers.has('www-authenticate'), line).toBe(status === 401);
    expect(refused.headers.get('allow'), line).toBe(status === 405 ? 'GET, HEAD, POST' : null);
  }
});
