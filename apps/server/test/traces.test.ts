import { randomBytes } from 'node:crypto';
import { createClient } from '@typedo/client';
import { expect, test } from 'vitest';
import { type Collector, startCollector } from '../../../scripts/testing/collector.ts';
import { freePort } from '../../../scripts/testing/free-port.ts';
import { follow } from './follow.ts';
import { accessToken, signUpTestUser, type TestApp, type TestUser } from './harness.ts';
import { startTracedApp } from './traced-app.ts';

/** A caller who has a trace already, and calls within a span of it. */
const caller = (flags = '01') => {
  const traceId = randomBytes(16).toString('hex');
  const spanId = randomBytes(8).toString('hex');
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-${flags}` } };
};

const clientOf = async (
  { url }: TestApp,
  { session, client }: TestUser,
  headers: Record<string, string>,
) => {
  // A user's first call makes their owner, which is not what is looked at.
  await client.tasks.list.query({});
  const jwt = await accessToken({ url }, session);
  return createClient({
    url,
    auth: { jwt: () => jwt },
    fetch: (input, init) =>
      fetch(input, {
        ...init,
        headers: { ...Object.fromEntries(new Headers(init?.headers)), ...headers },
      }),
  });
};

/** What spans there are in a trace, each with the names of those that it is part of. */
function pathsOf(collector: Collector, { traceId, spanId }: { traceId: string; spanId: string }) {
  const spans = collector.spans().filter((span) => span.traceId === traceId);
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const pathOf = (id: string | undefined): string => {
    if (id === spanId) return 'caller';
    const span = byId.get(id ?? '');
    return span ? `${pathOf(span.parentSpanId)} > ${span.name}` : 'nobody';
  };
  // Once each: every two seconds a call also reads which sessions ended.
  return [...new Set(spans.map((span) => pathOf(span.spanId)))].toSorted();
}

test('a call is one trace with its caller: the request, the procedure, and each statement', async () => {
  await using collector = await startCollector();
  const app = await startTracedApp(collector);
  const user = await signUpTestUser(app);
  const ours = caller();
  const client = await clientOf(app, user, ours.headers);
  await client.tasks.create.mutate({ title: 'Buy milk' });

  const theirs = caller();
  const jwt = await accessToken(app, user.session);
  const answer = await fetch(`${app.url}/api/v1/tasks?completed=false`, {
    headers: { authorization: `Bearer ${jwt}`, ...theirs.headers },
  });
  expect(answer.headers.get('traceresponse')).toMatch(`00-${theirs.traceId}-`);
  await app.close();

  const call = 'caller > POST /api/trpc/:path > tasks.create';
  expect(pathsOf(collector, ours)).toEqual(
    expect.arrayContaining([
      'caller > POST /api/trpc/:path',
      call,
      `${call} > INSERT`,
      `${call} > COMMIT`,
    ]),
  );
  expect(pathsOf(collector, ours).join()).not.toContain('nobody');
  expect(pathsOf(collector, theirs)).toEqual([
    'caller > GET /api/v1/tasks',
    'caller > GET /api/v1/tasks > tasks.list',
    'caller > GET /api/v1/tasks > tasks.list > SELECT',
  ]);
  const ofOurs = collector.spans().filter(({ traceId }) => traceId === ours.traceId);
  const insert = ofOurs.find(({ name }) => name === 'INSERT');
  expect(insert?.attributes['db.query.text']).toMatch(/^insert into tasks as t \(.*\$1/);
  const procedure = ofOurs.find(({ name }) => name === 'tasks.create');
  expect(procedure?.attributes).toMatchObject({ 'typedo.face': 'trpc', 'typedo.outcome': 'ok' });
  for (const { startMs, endMs } of ofOurs) expect(endMs).toBeGreaterThanOrEqual(startMs);
  const lines = app.logs.filter((line) => line.includes(`"traceId":"${ours.traceId}"`));
  expect(lines.join()).toContain('request completed');
});

test('each call of a batch is a span of its own, and says what came of it', async () => {
  await using collector = await startCollector();
  const app = await startTracedApp(collector);
  const ours = caller();
  const client = await clientOf(app, await signUpTestUser(app), ours.headers);
  const id = '0199c2d4-7a10-7cc3-98c4-dc0c0c07398f';
  const [list, task] = await Promise.allSettled([
    client.tasks.list.query({}),
    client.tasks.get.query({ id }),
  ]);
  expect([list.status, task.status]).toEqual(['fulfilled', 'rejected']);
  await app.close();
  const request = 'caller > GET /api/trpc/:path';
  expect(pathsOf(collector, ours)).toEqual([
    request,
    `${request} > tasks.get`,
    `${request} > tasks.get > SELECT`,
    `${request} > tasks.list`,
    `${request} > tasks.list > SELECT`,
  ]);
  const get = collector.spans().find(({ name }) => name === 'tasks.get');
  expect(get?.attributes).toMatchObject({ 'typedo.outcome': 'TASK_NOT_FOUND' });
});

test('a stream is told of when it is there, and not what it does from then on', async () => {
  await using collector = await startCollector();
  const app = await startTracedApp(collector);
  const user = await signUpTestUser(app);
  const ours = caller();
  const client = await clientOf(app, user, ours.headers);
  const since = await user.client.sync.position.query();
  await user.client.tasks.create.mutate({ title: 'Buy milk' });
  const changes = follow(client, since.position);
  await changes.first;
  changes.close();
  await app.close();
  const request = 'caller > GET /api/trpc/:path';
  const paths = pathsOf(collector, ours);
  expect(paths).toEqual(expect.arrayContaining([request, `${request} > sync.changes`]));
  expect(paths).not.toContain(`${request} > SELECT`);
});

test('nothing in a trace tells of a user', async () => {
  await using collector = await startCollector();
  const app = await startTracedApp(collector);
  const canaries: string[] = ['127.0.0.1'];
  for (const mark of [crypto.randomUUID(), crypto.randomUUID()]) {
    const email = `mail-${mark}@example.com`;
    const user = await signUpTestUser(app, { email, password: `password-${mark}` });
    const jwt = await accessToken(app, user.session);
    const [, payload = ''] = jwt.split('.');
    const { sub, sid } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
      sub: string;
      sid: string;
    };
    canaries.push(mark, sub, sid, jwt.slice(0, 40), user.session.session);
    const carried = { tracestate: `typedo=${mark}`, baggage: `user=${mark}`, 'user-agent': mark };
    const client = await clientOf(app, user, { ...caller().headers, ...carried });
    const task = await client.tasks.create.mutate({ title: `title ${mark}`, notes: mark });
    const list = await client.lists.create.mutate({ name: `list ${mark}` });
    const { token } = await client.tokens.create.mutate({
      name: mark,
      scopes: ['tasks:write'],
      expiresAt: null,
    });
    canaries.push(task.id, list.id, token);
    await client.tasks.move.mutate({ id: task.id, listId: list.id });
    await client.sync.pull.query({});
    const headers = { authorization: `Bearer ${token}`, ...carried };
    for (const path of [mark, `api/v1/${mark}`, `api/trpc/${mark}`, `api/v1/tasks?cursor=${mark}`])
      await fetch(`${app.url}/${path}`, { headers });
    for (const path of ['sign-in/email', 'sign-up/email'])
      await fetch(`${app.url}/api/auth/${path}?${mark}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: app.url },
        body: JSON.stringify({ name: mark, email, password: mark }),
      });
  }
  await app.close();
  const collected = collector.bodies.join();
  expect(collected).toContain('tasks.move');
  expect(collected).toContain('auth_accounts');
  expect(canaries.filter((canary) => collected.includes(canary))).toEqual([]);
});

test('what a caller says of sampling gets no more traces than there would be without', async () => {
  await using collector = await startCollector();
  const none = await startTracedApp(collector, { ratio: 0 });
  const { headers } = await fetch(`${none.url}/docs`, caller());
  expect(headers.get('traceresponse')).toBeNull();
  await none.close();
  expect(collector.spans()).toEqual([]);

  const all = await startTracedApp(collector);
  await fetch(`${all.url}/docs`, caller('00'));
  const before = performance.now();
  let left = 1500;
  const ask = async () => {
    while (left-- > 0) await (await fetch(`${all.url}/nowhere`, caller())).body?.cancel();
  };
  await Promise.all(Array.from({ length: 8 }, ask));
  const seconds = Math.ceil((performance.now() - before) / 1000) + 1;
  await all.close();
  const names = collector.spans().map(({ name }) => name);
  expect(names).not.toContain('GET /docs');
  expect(names.length).toBeGreaterThan(0);
  expect(names.length).toBeLessThanOrEqual(100 * seconds);
});

test('calls are answered when the collector is not there, which is logged once', async () => {
  const app = await startTracedApp({ url: `http://127.0.0.1:${await freePort()}` });
  const { client } = await signUpTestUser(app);
  const warnings = () => app.logs.filter((line) => line.includes('the collector does not take'));
  const task = await client.tasks.create.mutate({ title: 'Buy milk' });
  await expect.poll(warnings, { timeout: 60_000 }).toHaveLength(1);
  await client.tasks.complete.mutate({ id: task.id });
  expect((await client.tasks.get.query({ id: task.id })).completedAt).not.toBeNull();
  await app.close();
  expect(warnings()).toHaveLength(1);
});

test('a collector that never answers does not keep the server from stopping', async () => {
  await using collector = await startCollector({ isDeaf: true });
  const app = await startTracedApp(collector);
  const { client } = await signUpTestUser(app);
  await client.tasks.list.query({});
  await app.close();
  // It has heard by then if what was sent was given up, as it is in the end.
  await fetch(collector.url);
  expect(collector.waiting()).toBe(1);
});
