import { isTypedoError } from '@typedo/client';
import type { FastifyReply } from 'fastify';
import { afterEach, expect, test, vi } from 'vitest';
import { addressKey, countInMemory, createRateLimits } from '../src/rate-limit.ts';
import { accessToken, signUpTestUser, startTestApp, type TestApp } from './harness.ts';
import { codeIn, codesIn, type RawAnswer, send, sendUntilTaken } from './raw-http.ts';

afterEach(() => void vi.useRealTimers());

type Headers = Record<string, string | string[]>;

const list = '/api/trpc/tasks.list';
const batchOf20 = `/api/trpc/${Array.from({ length: 20 }, () => 'tasks.list').join(',')}?batch=1`;

type Ask = (path: string) => Promise<RawAnswer>;

/** Makes so many calls, and tells what each is answered with. */
type Face = (calls: number, ask: Ask) => Promise<string[]>;

const oneByOne =
  (path: string): Face =>
  (calls, ask) =>
    Promise.all(Array.from({ length: calls }, async () => codeIn((await ask(path)).text)));
const inBatches: Face = async (calls, ask) => {
  const batches = Array.from({ length: calls / 20 }, async () =>
    codesIn((await ask(batchOf20)).text),
  );
  return (await Promise.all(batches)).flat();
};
const rest = oneByOne('/api/v1/tasks');
const trpc = oneByOne(list);
const mixed: Face = async (calls, ask) => {
  const shares = [trpc(calls * 0.3, ask), inBatches(calls * 0.4, ask), rest(calls * 0.3, ask)];
  return (await Promise.all(shares)).flat();
};
const faces: [string, Face][] = [
  ['tRPC, one by one', trpc],
  ['tRPC, in batches', inBatches],
  ['REST', rest],
  ['all faces together', mixed],
];

const count = (codes: string[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(codes, (code) => code)].map(([code, all]) => [code, all.length]),
  );

test.each(faces)('of 1,000 calls in a window exactly 100 pass: %s', async (_, face) => {
  await using app = await startTestApp({ callsPerMinute: 100 });
  const { session } = await signUpTestUser(app);
  const authorization = `Bearer ${await accessToken(app, session)}`;
  const asUser = await face(1000, (path) =>
    sendUntilTaken(app.url, { path, headers: { authorization } }),
  );
  expect(count(asUser)).toEqual({ ok: 100, RATE_LIMITED: 900 });
  // And without a user the address has a limit of its own.
  const asNobody = await face(1000, (path) => sendUntilTaken(app.url, { path }));
  expect(count(asNobody)).toEqual({ UNAUTHENTICATED: 100, RATE_LIMITED: 900 });
});

test('a user is told what is left and when to go on, and others are not concerned', async () => {
  await using app = await startTestApp({ callsPerMinute: 5 });
  const [ann, bob] = [await signUpTestUser(app), await signUpTestUser(app)];
  const { token } = await ann.client.tokens.create.mutate({
    name: 'x',
    scopes: ['tasks:read'],
    expiresAt: null,
  });
  // One request of tRPC's, and three calls.
  await Promise.all(Array.from({ length: 3 }, () => ann.client.tasks.list.query({})));
  const get = () =>
    fetch(`${app.url}/api/v1/tasks`, { headers: { authorization: `Bearer ${token}` } });
  const last = await get();
  expect([last.status, last.headers.get('ratelimit-policy')]).toEqual([200, '"user";q=5;w=60']);
  expect(last.headers.get('ratelimit')).toMatch(/^"user";r=0;t=\d+$/);

  const refused = await get();
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED' });
  const code = ann.client.tasks.list.query({}).catch((error) => isTypedoError(error) && error.data);
  expect(await code).toMatchObject({
    code: 'RATE_LIMITED',
    httpStatus: 429,
    retryAfterSeconds: expect.any(Number),
  });
  expect((await bob.client.tasks.list.query({})).items).toEqual([]);
  const nobody = await fetch(`${app.url}/api/v1/tasks`);
  expect([nobody.status, nobody.headers.get('ratelimit-policy')]).toEqual([
    401,
    '"address";q=5;w=60',
  ]);
});

test('a window lasts a minute from its first call, and what counts for more leaves less', async () => {
  vi.useFakeTimers();
  const { user } = createRateLimits({ callsPerMinute: 100, attemptsPerMinute: 1 });
  const headers: Record<string, unknown> = {};
  const reply = {
    header: (name: string, value: unknown) => void (headers[name] = value),
  } as unknown as FastifyReply;
  const spend = (points: number) =>
    user.spend('ann', reply, points).then(
      () => headers.ratelimit,
      (error) => error.code,
    );
  expect(await spend(80)).toBe('"user";r=20;t=60');
  vi.advanceTimersByTime(59_000);
  expect(await spend(20)).toBe('"user";r=0;t=1');
  expect(await spend(1)).toBe('RATE_LIMITED');
  vi.advanceTimersByTime(1000);
  expect(await spend(1)).toBe('"user";r=99;t=60');
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:C000:201', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff:ffff:192.0.2.1', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['unknown', 'unknown'],
])('%s counts as %s', (ip, key) => {
  expect(addressKey(ip)).toBe(key);
});

/** Ways to claim another address that nobody vouches for. */
const claims: Headers[] = [
  ...[
    'x-forwarded-for',
    'x-real-ip',
    'x-client-ip',
    'x-cluster-client-ip',
    'x-original-forwarded-for',
    'true-client-ip',
    'cf-connecting-ip',
    'cf-connecting-ipv6',
    'fastly-client-ip',
    'fly-client-ip',
    'x-appengine-user-ip',
    'x-originating-ip',
    'x-remote-ip',
    'x-remote-addr',
    'client-ip',
    'via',
  ].map((name) => ({ [name]: '203.0.113.7' })),
  { forwarded: 'for=203.0.113.7' },
  { forwarded: 'for="[2001:db8::7]:4711";proto=https' },
  ...[
    '::1',
    '127.0.0.1',
    'localhost',
    '203.0.113.7, 127.0.0.1',
    '127.0.0.1, 203.0.113.7',
    '2001:db8::7',
    '[2001:db8::7]:443',
    '203.0.113.7:443',
    ',',
    'unknown',
  ].map((address) => ({ 'x-forwarded-for': address })),
  { 'x-forwarded-for': ['203.0.113.7', '203.0.113.8'] },
  { 'x-forwarded-host': 'other.example', 'x-forwarded-proto': 'https' },
  { host: 'other.example' },
];

/** The same procedure by other spellings of its address. */
const paths = [
  '//api/v1/tasks',
  '/api//v1/tasks',
  '/api/v1//tasks',
  '/api/v1/tasks/',
  '/api/v1/tasks//',
  '/api/v1/./tasks',
  '/api/v1/x/../tasks',
  '/x/../api/v1/tasks',
  '/api/v1/%74asks',
  '/api/v1/tasks%2f',
  '/api%2fv1%2ftasks',
  '/%61pi/v1/tasks',
  '/api/v1/%2e/tasks',
  '/api/v1/%252e/tasks',
  '/API/v1/tasks',
  '/api/V1/Tasks',
  '/api/v1/tasks;a=b',
  '/api/v1/tasks?',
  '/api/v1/tasks?completed=false',
  '/api/v1/tasks%23x',
  '/api/v1/tasks%00',
  '/api/v1/tasks%20',
  '/api/v1/tasks.json',
  'http://127.0.0.1/api/v1/tasks',
  'http://other.example/api/v1/tasks',
  '/api/trpc/tasks.list?input={}',
  '/api/trpc/tasks.list?batch=0',
  '/api/trpc/tasks.list?batch=1',
  '/api/trpc/tasks.list,tasks.list?batch=1',
  '/api/trpc/tasks.list%2Ctasks.list?batch=1',
  '/api/trpc//tasks.list',
  '/api/trpc/tasks.list/',
  '/api/trpc/tasks%2Elist',
  '/api/trpc/tasks/list',
  '/api/trpc/TASKS.LIST',
  '/api/trpc/./tasks.list',
];

/** Nothing of a call came back: it was refused by the limit, or there is no such address. */
const isBypass = ({ status, text }: RawAnswer): boolean =>
  status < 400 || (text.startsWith('[') && codesIn(text).includes('ok')) || status === 401;

const exhaust = async (app: TestApp, headers: Headers): Promise<void> => {
  for (let calls = 0; calls < 3; calls += 1) await send(app.url, { path: list, headers });
  const { status } = await send(app.url, { path: list, headers });
  expect(status).toBe(429);
};

test(`no other address (${claims.length} forms) and no other path (${paths.length} forms) gets around a limit`, async () => {
  await using app = await startTestApp({ callsPerMinute: 3 });
  const { session } = await signUpTestUser(app);
  const authorization = `Bearer ${await accessToken(app, session)}`;
  await exhaust(app, {});
  await exhaust(app, { authorization });
  const requests = [
    ...claims.flatMap((headers) => [
      { path: list, headers },
      { path: list, headers: { authorization, ...headers } },
    ]),
    ...paths.flatMap((path) => [
      { path, headers: {} },
      { path, headers: { authorization } },
      // To which tRPC says 204, and calls nothing.
      ...(path.includes('trpc') ? [] : [{ path, headers: { authorization }, method: 'HEAD' }]),
    ]),
  ];
  expect(claims.length + paths.length).toBeGreaterThanOrEqual(50);
  const bypasses = requests.map(async (request) => {
    const answer = await send(app.url, request);
    return isBypass(answer) ? [`${JSON.stringify(request)}: ${answer.status}`] : [];
  });
  expect((await Promise.all(bypasses)).flat()).toEqual([]);
});

test('behind a trusted proxy a client counts as the address that the proxy saw, IPv6 by its network', async () => {
  await using app = await startTestApp({ callsPerMinute: 3, trustedProxies: ['127.0.0.1'] });
  const from = (address: string) => ({ 'x-forwarded-for': address });
  await exhaust(app, from('192.0.2.1'));
  await exhaust(app, from('2001:db8:1:2::1'));
  const same = [
    '192.0.2.1',
    '::ffff:192.0.2.1',
    '::ffff:c000:201',
    '203.0.113.7, 192.0.2.1',
    '127.0.0.1, 203.0.113.7, 192.0.2.1',
    '203.0.113.7, 192.0.2.1, 127.0.0.1',
    ',,192.0.2.1',
    ...Array.from({ length: 50 }, (_, n) => `2001:db8:1:2:${n.toString(16)}::${n}`),
    '2001:0DB8:0001:0002:ffff:ffff:ffff:ffff',
    '203.0.113.7, 2001:db8:1:2::9',
  ];
  for (const address of same) {
    expect((await send(app.url, { path: list, headers: from(address) })).status, address).toBe(429);
  }
  for (const address of ['192.0.2.2', '2001:db8:1:3::1', '192.0.2.1, 203.0.113.7']) {
    expect((await send(app.url, { path: list, headers: from(address) })).status, address).toBe(401);
  }
});

/** Tries a password of an account as somebody at an address. */
const tryPassword = (
  app: TestApp,
  given: { email: string; password?: string; address?: string; path?: string },
) =>
  send(app.url, {
    path: given.path ?? '/api/auth/sign-in/email',
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      origin: app.url,
      'x-forwarded-for': given.address ?? '192.0.2.1',
    },
    body: JSON.stringify({ email: given.email, password: given.password ?? 'wrong horse' }),
  });

test('passwords are tried no faster from one address, whatever the path is written like', async () => {
  await using app = await startTestApp({ attemptsPerMinute: 3, trustedProxies: ['127.0.0.1'] });
  const email = (n: number) => `${n}-${crypto.randomUUID()}@example.com`;
  const statuses: number[] = [];
  for (let n = 0; n < 5; n += 1)
    statuses.push((await tryPassword(app, { email: email(n) })).status);
  expect(statuses).toEqual([401, 401, 401, 429, 429]);
  const forms = [
    '//api/auth/sign-in/email',
    '/api/auth//sign-in/email',
    '/api//auth/sign-in/email',
    '/api/auth/sign-in/email/',
    '/api/auth/sign-in//email',
    '/api/auth/./sign-in/email',
    '/api/auth/x/../sign-in/email',
    '/api/auth/%73ign-in/email',
    '/api/auth/sign-in%2femail',
    '/api/auth/Sign-In/Email',
    '/api/auth/sign-in/email?x=1',
    '/api/auth/sign-in/email;x',
    '/api/auth/sign-in/email%00',
    'http://other.example/api/auth/sign-in/email',
  ];
  for (const path of forms) {
    const { status } = await tryPassword(app, { email: email(0), path });
    expect([404, 429], path).toContain(status);
  }
  const { status, headers } = await tryPassword(app, { email: email(9) });
  expect([status, headers['ratelimit-policy']]).toEqual([429, '"password";q=3;w=60']);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
});

test('passwords of one account are tried no faster from many addresses, which keeps nobody out of their own', async () => {
  await using app = await startTestApp({ attemptsPerMinute: 5, trustedProxies: ['127.0.0.1'] });
  const credentials = { email: `${crypto.randomUUID()}@example.com`, password: 'correct horse' };
  const home = '203.0.113.1';
  await send(app.url, {
    path: '/api/auth/sign-up/email',
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: app.url },
    body: JSON.stringify({ name: 'Ann', ...credentials }),
  });
  // As often as one likes, with the right one.
  for (let n = 0; n < 4; n += 1) {
    expect((await tryPassword(app, { ...credentials, address: home })).status).toBe(200);
  }
  const emails = [credentials.email, credentials.email.toUpperCase()];
  const guesses = await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      tryPassword(app, { email: emails[n % 2] ?? '', address: `2001:db8:0:${n.toString(16)}::1` }),
    ),
  );
  expect(count(guesses.map(({ status }) => String(status)))).toEqual({ 401: 5, 429: 195 });
  // Even the right one is not tried from anywhere new, and is at home.
  expect((await tryPassword(app, { ...credentials, address: '203.0.113.2' })).status).toBe(429);
  expect((await tryPassword(app, { ...credentials, address: home })).status).toBe(200);
});

test('of however many who call at most 100,000 are counted at once, the latest of them', async () => {
  const counter = countInMemory({ name: 'user', quota: 5, windowSeconds: 60 });
  const spent = async (key: string) => (await counter.add(key, 1)).spent;
  await spent('first');
  for (let n = 1; n < 100_000; n += 1) await spent(`${n}`);
  expect(await spent('99999')).toBe(2);
  await spent('one more');
  expect(await spent('99999')).toBe(3);
  expect(await spent('first')).toBe(1);
});
