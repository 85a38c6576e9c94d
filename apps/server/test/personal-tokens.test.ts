import { passTime, startTestIssuer } from '@typedo/auth/testing';
import { createClient, isTypedoError } from '@typedo/client';
import type { Scope } from '@typedo/contract';
import { decodeJwt } from 'jose';
import { expect, onTestFinished, test, vi } from 'vitest';
import { signUpTestUser, startTestApp } from './harness.ts';

const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'accepted',
    (error) => (isTypedoError(error) ? error.data.code : error),
  );
const newToken = { name: 'script', scopes: ['tasks:write'] as Scope[], expiresAt: null };
const exchange = (url: string, token: string) =>
  fetch(`${url}/api/auth/token`, { headers: { authorization: `Bearer ${token}` } });

test('a script signs in with a personal token, as its user and no further than its scopes', async () => {
  await using app = await startTestApp();
  const ann = await signUpTestUser(app);
  const task = await ann.client.tasks.create.mutate({ title: 'of Ann' });
  const scopes: Scope[] = ['tasks:write', 'account:read'];
  const { token, id } = await ann.client.tokens.create.mutate({ ...newToken, scopes });
  const script = createClient({ url: app.url, auth: { token } });

  expect((await script.tasks.list.query({})).items).toEqual([task]);
  expect(await script.account.me.query()).toEqual(await ann.client.account.me.query());
  expect(await codeOf(script.lists.list.query({}))).toBe('SCOPE_MISSING');
  expect(await codeOf(script.tokens.list.query({}))).toBe('SCOPE_MISSING');
  const [used] = (await ann.client.tokens.list.query({})).items;
  expect(used?.id).toBe(id);
  expect(Date.now() - (used?.lastUsedAt?.getTime() ?? 0)).toBeLessThan(60_000);
  expect(app.logs.join('')).not.toContain(token.slice('typedo_'.length));
});

test('once revoked, a personal token and what came of it are refused within five seconds', async () => {
  await using app = await startTestApp();
  const { client } = await signUpTestUser(app);
  const { id, token } = await client.tokens.create.mutate(newToken);
  const answer = (await (await exchange(app.url, token)).json()) as { token: string };
  const script = createClient({ url: app.url, auth: { jwt: () => answer.token } });
  expect(await codeOf(script.tasks.list.query({}))).toBe('accepted');
  await client.tokens.revoke.mutate({ id });
  expect((await exchange(app.url, token)).status).toBe(401);
  passTime(5000);
  expect(await codeOf(script.tasks.list.query({}))).toBe('SESSION_ENDED');
});

test('access that comes of a personal token ends when the token does', async () => {
  await using app = await startTestApp();
  const { client } = await signUpTestUser(app);
  const expiresAt = new Date(Date.now() + 60_000);
  const { token } = await client.tokens.create.mutate({ ...newToken, expiresAt });
  const answer = (await (await exchange(app.url, token)).json()) as { token: string };
  const { exp = 0 } = decodeJwt(answer.token);
  expect(exp * 1000).toBeLessThanOrEqual(expiresAt.getTime());

  vi.useFakeTimers({ toFake: ['Date'], now: expiresAt });
  onTestFinished(() => void vi.useRealTimers());
  expect((await exchange(app.url, token)).status).toBe(401);
});

test('an outside issuer’s user has personal tokens, too', async () => {
  await using issuer = await startTestIssuer();
  await using app = await startTestApp({ trustedIssuers: [issuer.trusted] });
  const auth = { jwt: () => issuer.sign({ sub: 'ann' }) };
  const outside = createClient({ url: app.url, auth });
  const task = await outside.tasks.create.mutate({ title: 'outside' });
  const { token } = await outside.tokens.create.mutate(newToken);
  const script = createClient({ url: app.url, auth: { token } });
  expect(await script.tasks.get.query({ id: task.id })).toEqual(task);
});

test.each([
  `typedo_${'0'.repeat(40)}`,
  `typedo_${'0'.repeat(39)}`,
  `TYPEDO_${'0'.repeat(40)}`,
  'typedo_',
])('%s is no personal token', async (token) => {
  await using app = await startTestApp();
  expect((await exchange(app.url, token)).status).toBe(401);
});
