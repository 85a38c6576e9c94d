import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { manifest } from '@typedo/api';
import { createVerifier } from '@typedo/auth';
import { passTime } from '@typedo/auth/testing';
import { type Session, signIn, signOut } from '@typedo/client';
import type { TokenDb } from '@typedo/db';
import { expect, test } from 'vitest';
import { restRoutes } from '../src/faces/rest/routes.ts';
import { accessToken, signUpTestUser, startTestApp, type TestUser } from './harness.ts';
import { answering } from './requests.ts';
import { codeIn, type RawRequest, send } from './raw-http.ts';
import { forgeries, goodToken, jwkOf, newIssuer } from './token-corpus.ts';

/** An HTTP server that counts its requests. */
async function listen(answer: RequestListener) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    answer(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.close().closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A database that notices being asked anything. */
const untouchedDb = () => {
  let touches = 0;
  const db = new Proxy({} as TokenDb, {
    get() {
      touches += 1;
      throw new Error('The database was asked.');
    },
  });
  return { db, touches: () => touches };
};

test('every forged token is refused, at the cost of one look at the keys and of nothing else', async () => {
  const own = newIssuer('http://typedo.test', 'http://typedo.test', 'EdDSA');
  await using jwks = await listen((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [jwkOf(outside)] }));
  });
  await using collector = await listen((_, response) => void response.end('{}'));
  const outside = newIssuer(jwks.url, 'typedo', 'ES256');
  const { db, touches } = untouchedDb();
  let loads = 0;
  const verify = createVerifier({
    db,
    baseUrl: own.issuer,
    publicKeys: async () => {
      loads += 1;
      return { keys: [jwkOf(own)] };
    },
    trustedIssuers: [
      { issuer: outside.issuer, audience: outside.audience, jwksUrl: `${jwks.url}/jwks` },
    ],
  });
  const verdict = (token: string): Promise<string> =>
    verify(token).then(
      () => 'accepted',
      (error) => error.code ?? error.message,
    );
  // The corpus differs from these by what it says, and no more: they get as far as the database.
  for (const by of [own, outside])
    expect(await verdict(goodToken(by))).toMatch(/database was asked/);
  const before = { loads, requests: jwks.requests(), touches: touches() };

  const corpus = [
    ...forgeries(own, outside, collector.url),
    ...forgeries(outside, own, collector.url),
  ];
  const startedAt = performance.now();
  const verdicts = await Promise.all(
    corpus.map(async ([what, token]) => [what, await verdict(token)]),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const accepted = verdicts.filter(
    ([, code]) => code !== 'TOKEN_INVALID' && code !== 'TOKEN_EXPIRED',
  );
  console.log(
    `forged tokens refused: ${corpus.length - accepted.length} of ${corpus.length} in ${seconds.toFixed(1)} s`,
  );
  expect(accepted).toEqual([]);
  expect(corpus.length).toBeGreaterThan(500);

  // One reload a second of our own, and none of another's within its cool-down of half a minute.
  expect(loads - before.loads).toBeLessThanOrEqual(1 + Math.floor(seconds));
  expect(jwks.requests() - before.requests).toBeLessThanOrEqual(1);
  expect(touches() - before.touches).toBe(0);
  expect(collector.requests()).toBe(0);
});

test('a token that claims to be good for ever serves a quarter of an hour', async () => {
  const own = newIssuer('http://typedo.test', 'http://typedo.test', 'EdDSA');
  const { db } = untouchedDb();
  const publicKeys = async () => ({ keys: [jwkOf(own)] });
  const verify = createVerifier({ db, baseUrl: own.issuer, publicKeys, trustedIssuers: [] });
  const iat = Math.floor(Date.now() / 1000);
  await expect(verify(goodToken(own, { iat, exp: 1e308 }))).rejects.toThrow('database was asked');
  const old = goodToken(own, { iat: iat - 16 * 60, exp: 1e308 });
  await expect(verify(old)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
});

test('a token anywhere but in the one header is none, whichever procedure it is for', async () => {
  await using app = await startTestApp();
  const { session } = await signUpTestUser(app);
  const token = await accessToken(app, session);
  const good = `Bearer ${token}`;
  const inHeaders: Record<string, string | string[]>[] = [
    { authorization: [good, good] },
    { authorization: [good, 'Bearer x'] },
    { authorization: ['Bearer x', good] },
    { Authorization: [good, 'Basic YTpi'] },
    { authorization: `${good}, ${good}` },
    { authorization: `${good} ${token}` },
    { authorization: token },
    { authorization: `Basic ${token}` },
    { authorization: `Token ${token}` },
    { authorization: `DPoP ${token}` },
    { authorization: `Bearer\t${token}` },
    { authorization: `Bearer: ${token}` },
    { authorization: `Bearer "${token}"` },
    { authorization: 'Bearer' },
    { 'x-authorization': good },
    { 'proxy-authorization': good },
    { 'x-access-token': token },
    { 'x-forwarded-authorization': good },
    { cookie: `access_token=${token}; token=${token}; authorization=${good}` },
    { cookie: `better-auth.session_token=${token}` },
  ];
  const inQuery = ['access_token', 'token', 'authorization', 'jwt', 'bearer_token'].map(
    (name) => `${name}=${encodeURIComponent(token)}`,
  );
  const connection = `connectionParams=${encodeURIComponent(JSON.stringify({ authorization: good, token }))}`;
  const requests: RawRequest[] = answering.procedures.flatMap((procedure) => {
    const { path, kind } = procedure;
    const route = restRoutes(manifest).find((one) => one.procedure === procedure);
    const method = kind === 'query' ? 'GET' : 'POST';
    const json = { 'content-type': 'application/json' };
    const rest = `/api/v1${route?.path.replace('{id}', '0199c2d4-7a10-7cc3-98c4-dc0c0c07398f')}`;
    return [
      ...inHeaders.flatMap((headers) => [
        { path: `/api/trpc/${path}`, method, headers: { ...json, ...headers } },
        { path: rest, method: route?.method ?? '', headers },
      ]),
      ...[...inQuery, connection].map((query) => ({
        path: `/api/trpc/${path}?${query}`,
        method,
        headers: json,
      })),
    ];
  });
  const accepted: string[] = [];
  for (const request of requests) {
    const { status, text } = await send(app.url, request);
    if (status !== 401) accepted.push(`${JSON.stringify(request)}: ${status} ${codeIn(text)}`);
  }
  console.log(
    `tokens out of place refused: ${requests.length - accepted.length} of ${requests.length}`,
  );
  expect(accepted).toEqual([]);
});

/** Every way to end access, by what it ends. */
const endings: Record<string, (user: TestUser, other: Session, url: string) => Promise<void>> = {
  'signing out': async (_, other, url) => signOut(url, other),
  'changing the password': ({ session, password }, _, url) =>
    post(url, '/change-password', session, {
      currentPassword: password,
      newPassword: 'another horse',
    }),
  'ending the session': ({ session }, other, url) =>
    post(url, '/revoke-session', session, { token: other.session }),
  'ending all other sessions': ({ session }, _, url) =>
    post(url, '/revoke-other-sessions', session, {}),
  'ending all sessions': ({ session }, _, url) => post(url, '/revoke-sessions', session, {}),
};

const post = async (url: string, path: string, { session }: Session, body: object) => {
  const { status } = await send(url, {
    path: `/api/auth${path}`,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${session}` },
    body: JSON.stringify(body),
  });
  expect(status).toBe(200);
};

/** Both faces of every server refuse the token five seconds later. */
const expectEnded = async (urls: string[], token: string): Promise<void> => {
  const headers = { authorization: `Bearer ${token}` };
  const codes = () =>
    Promise.all(
      urls
        .flatMap((url) => [
          send(url, { path: '/api/trpc/account.me', headers }),
          send(url, { path: '/api/v1/account', headers }),
        ])
        .map(async (answer) => codeIn((await answer).text)),
    );
  passTime(5000);
  expect(new Set(await codes())).toEqual(new Set(['SESSION_ENDED']));
};

test.each(Object.entries(endings))(
  'by %s, its access ends within five seconds, on another server too',
  async (_, end) => {
    await using here = await startTestApp();
    await using there = await startTestApp();
    const user = await signUpTestUser(here);
    const other = await signIn(here.url, user);
    const token = await accessToken(here, other);
    const headers = { authorization: `Bearer ${token}` };
    for (const { url } of [here, there]) {
      expect((await send(url, { path: '/api/v1/account', headers })).status).toBe(200);
    }
    await end(user, other, here.url);
    await expectEnded([here.url, there.url], token);
    // And there is no other to be had.
    const again = await send(there.url, {
      path: '/api/auth/token',
      headers: { authorization: `Bearer ${other.session}` },
    });
    expect(again.status).toBe(401);
  },
);

test('by revoking a personal token, its access ends within five seconds, on another server too', async () => {
  await using here = await startTestApp();
  await using there = await startTestApp();
  const { client } = await signUpTestUser(here);
  const { id, token } = await client.tokens.create.mutate({
    name: 'x',
    scopes: ['account:read'],
    expiresAt: null,
  });
  const exchanged = await accessToken(there, { session: token });
  for (const { url } of [here, there]) {
    for (const bearer of [token, exchanged]) {
      const headers = { authorization: `Bearer ${bearer}` };
      expect((await send(url, { path: '/api/v1/account', headers })).status).toBe(200);
    }
  }
  await client.tokens.revoke.mutate({ id });
  await expectEnded([here.url, there.url], exchanged);
  // The token itself is refused as what it was exchanged for, and not exchanged again.
  for (const { url } of [here, there]) {
    const headers = { authorization: `Bearer ${token}` };
    expect((await send(url, { path: '/api/v1/account', headers })).status).toBe(401);
    expect((await send(url, { path: '/api/auth/token', headers })).status).toBe(401);
  }
});
