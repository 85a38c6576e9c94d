import { expect, test } from 'vitest';
import { accessToken, signUpTestUser, startTestApp, type TestApp } from './harness.ts';
import { send } from './raw-http.ts';

const json = { 'content-type': 'application/json' };

/** What was told since the last look, and nothing else of it than what may be. */
const news = ({ logs }: TestApp): string[] =>
  logs.splice(0).flatMap((line) => {
    const { event, reason, ...rest } = JSON.parse(line) as Record<string, unknown>;
    if (typeof event !== 'string') return [];
    expect(Object.keys(rest).toSorted()).toEqual([
      'hostname',
      'level',
      'msg',
      'pid',
      'reqId',
      'time',
    ]);
    return [typeof reason === 'string' ? `${event} ${reason}` : event];
  });

test('who watches over the service reads in the log how accounts and tokens are used', async () => {
  await using app = await startTestApp({ attemptsPerMinute: 20 });
  const post = (path: string, body: object, token?: string) =>
    send(app.url, {
      path: `/api/auth${path}`,
      method: 'POST',
      headers: { ...json, origin: app.url, ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
  const call = (path: string, token: string) =>
    send(app.url, { path, headers: { authorization: `Bearer ${token}` } });
  const list = '/api/v1/tasks';
  const batch = '/api/trpc/tasks.list,tasks.list,lists.list?batch=1';

  const user = await signUpTestUser(app);
  const { email, password, client } = user;
  expect(news(app)).toEqual(['signed_up']);

  await post('/sign-in/email', { email, password: 'wrong horse' });
  await post('/sign-in/email', { email: 'nobody@example.com', password });
  await post('/sign-in/email', { email, password });
  expect(news(app)).toEqual(['sign_in_failed', 'sign_in_failed', 'signed_in']);

  const scopes = ['lists:read' as const];
  const made = await client.tokens.create.mutate({ name: 'x', scopes, expiresAt: null });
  await call('/api/v1/lists', made.token);
  await call(list, made.token);
  await client.tokens.revoke.mutate({ id: made.id });
  expect(news(app)).toEqual(['token_made', 'token_refused SCOPE_MISSING', 'token_revoked']);

  const jwt = await accessToken(app, user.session);
  await call(list, `${jwt}x`);
  await call(batch, 'garbage');
  await call('/api/auth/token', `typedo_${'0'.repeat(40)}`);
  expect(news(app)).toEqual(Array.from({ length: 3 }, () => 'token_refused TOKEN_INVALID'));
  await call(batch, jwt);
  expect(news(app)).toEqual([]);

  const session = user.session.session;
  const change = { currentPassword: password, newPassword: 'another horse' };
  const changed = await post('/change-password', change, session);
  const { token = session } = JSON.parse(changed.text) as { token?: string };
  await post('/change-password', change, token);
  await post('/revoke-other-sessions', {}, token);
  await post('/sign-out', {}, token);
  expect(news(app)).toEqual(['password_changed', 'sessions_revoked', 'signed_out']);

  const other = await signUpTestUser(app);
  const gone = await accessToken(app, other.session);
  const confirm = 'delete my account' as const;
  await other.client.account.delete.mutate({ confirm, password: other.password });
  await call(list, gone);
  expect(news(app)).toEqual(['signed_up', 'account_deleted', 'token_refused SESSION_ENDED']);

  // More than two minutes allow, so that it does not matter when one begins.
  for (let n = 0; n < 41; n += 1) {
    await post('/sign-in/email', { email: `${n}@example.com`, password: 'wrong horse' });
  }
  expect(new Set(news(app))).toEqual(new Set(['sign_in_failed', 'rate_limit_hit password']));
});

test('a limit that is hit is told once a request, whatever the request carries', async () => {
  await using app = await startTestApp({ callsPerMinute: 2 });
  const { session } = await signUpTestUser(app);
  const authorization = `Bearer ${await accessToken(app, session)}`;
  news(app);
  const path = `/api/trpc/${Array.from({ length: 10 }, () => 'tasks.list').join(',')}?batch=1`;
  await send(app.url, { path, headers: { authorization } });
  expect(news(app)).toEqual(['rate_limit_hit user']);
});
