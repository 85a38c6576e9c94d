import { createDatabase } from '@typedo/db';
import { createTestDatabase } from '@typedo/db/testing';
import { SignJWT } from 'jose';
import pg from 'pg';
import { afterAll, expect, inject, test } from 'vitest';
import { createIdentity } from './identity.ts';
import { passTime, startTestIssuer } from './testing.ts';
import { createVerifier } from './verifier.ts';

const baseUrl = 'http://auth.test';
// Of its own: its keys end, and their table is open for a moment.
const own = await createTestDatabase(inject('database'));
const database = createDatabase({ url: own.url, onError: () => {} });
const { auth, tokens: db } = database;
afterAll(async () => {
  await database.close();
  await own.drop();
});

const startIdentity = async () => {
  const identity = createIdentity({
    db: auth,
    tokens: db,
    baseUrl,
    secret: 'a-secret-of-the-tests-alone-0123456789',
    trustedOrigins: [],
    bcryptCost: 4,
    log: () => {},
  });
  await identity.prepare();
  return identity;
};
const identity = await startIdentity();
const publicKeys = () => identity.publicKeys();
const verify = createVerifier({ db, baseUrl, publicKeys, trustedIssuers: [] });

const call = async (path: string, body?: object, session?: string) => {
  const response = await identity.handle(
    new Request(`${baseUrl}/api/auth${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        'content-type': 'application/json',
        origin: baseUrl,
        ...(session && { authorization: `Bearer ${session}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }),
  );
  // Whatever better-auth answers: the tests look at what they expect of it.
  const answer = (await response.json()) as { token: string; code?: string };
  return { status: response.status, body: answer };
};
const signUp = async (password = 'correct horse') => {
  const email = `${crypto.randomUUID()}@example.com`;
  const { status, body } = await call('/sign-up/email', { name: 'Ann', email, password });
  return { status, email, password, body, session: body.token };
};
const accessToken = async (session: string): Promise<string> =>
  (await call('/token', undefined, session)).body.token;

/** The database's own administrator, for what no part of the service can do. */
const administer = async (statement: string, values: unknown[] = []) => {
  const client = new pg.Client({ connectionString: own.directUrl });
  await client.connect();
  await client.query('set role typedo_schema');
  await client.query('alter table auth_jwks no force row level security');
  await client.query(statement, values);
  await client.query('alter table auth_jwks force row level security');
  await client.end();
};

test('a user who signs up is known by their access token', async () => {
  const { session, email } = await signUp();
  const actor = await verify(await accessToken(session));
  expect(actor).toMatchObject({ email, name: 'Ann' });
  expect(actor.credential?.id).toBeTruthy();
  // Asked again, from a fresh token: the same owner of the same data.
  expect((await verify(await accessToken(session))).owner).toEqual(actor.owner);
});

test('signing in takes the right password', async () => {
  const { email, password } = await signUp();
  expect((await call('/sign-in/email', { email, password })).status).toBe(200);
  expect(await call('/sign-in/email', { email, password: 'wrong horse' })).toMatchObject({
    status: 401,
    body: { code: 'INVALID_EMAIL_OR_PASSWORD' },
  });
});

test('a password over 72 bytes is refused, whatever its length in characters', async () => {
  expect((await signUp('x'.repeat(72))).status).toBe(200);
  expect((await signUp('x'.repeat(73))).body.code).toBe('PASSWORD_TOO_LONG');
  expect((await signUp('é'.repeat(37))).body.code).toBe('PASSWORD_TOO_LONG');
  // And what bcrypt would not look at does not count as a match.
  const { email } = await signUp('é'.repeat(36));
  const { status } = await call('/sign-in/email', { email, password: `${'é'.repeat(36)}x` });
  expect(status).toBe(401);
});

test('after a password change the old password is worth nothing', async () => {
  const { email, password, session } = await signUp();
  const change = { currentPassword: password, newPassword: 'another horse' };
  expect((await call('/change-password', change, session)).status).toBe(200);
  expect((await call('/sign-in/email', { email, password })).status).toBe(401);
  expect((await call('/sign-in/email', { email, password: 'another horse' })).status).toBe(200);
});

test('a session that was signed out, or revoked, is refused within five seconds', async () => {
  const { email, password, session } = await signUp();
  const other: string = (await call('/sign-in/email', { email, password })).body.token;
  const [token, otherToken] = [await accessToken(session), await accessToken(other)];
  await Promise.all([verify(token), verify(otherToken)]);

  expect((await call('/list-sessions', undefined, session)).body).toHaveLength(2);
  await call('/revoke-session', { token: other }, session);
  await call('/sign-out', {}, session);
  const later = createVerifier({ db, baseUrl, publicKeys, trustedIssuers: [] });
  await expect(later(token)).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  await expect(later(otherToken)).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  passTime(5000);
  await expect(verify(token)).rejects.toMatchObject({ code: 'SESSION_ENDED' });
});

test('keys rotate on schedule, and neither old nor new tokens notice', async () => {
  const { session } = await signUp();
  const before = await accessToken(session);
  await verify(before);
  await administer(`update auth_jwks set expires_at = now() - interval '1 minute'`);
  const after = await accessToken(session);
  const keyOf = (token: string) => JSON.parse(atob(token.split('.')[0] ?? '')).kid;
  expect(keyOf(after)).not.toBe(keyOf(before));
  expect((await verify(after)).owner).toEqual((await verify(before)).owner);
  const fresh = createVerifier({ db, baseUrl, publicKeys, trustedIssuers: [] });
  expect((await fresh(before)).owner).toEqual((await fresh(after)).owner);
});

test('ten first tokens of a new installation make one key when the server prepared', async () => {
  const { keys } = await identity.publicKeys();
  const { session } = await signUp();
  await Promise.all(Array.from({ length: 10 }, () => accessToken(session)));
  expect((await identity.publicKeys()).keys).toHaveLength(keys.length);
});

test('a changed secret is noticed at start', async () => {
  const other = createIdentity({
    db: auth,
    tokens: db,
    baseUrl,
    secret: 'another-secret-of-the-tests-0123456789',
    trustedOrigins: [],
    bcryptCost: 4,
    log: () => {},
  });
  await expect(other.prepare()).rejects.toThrow(/decrypt private key/);
});

test('a user of a trusted outside issuer signs in, as an owner of their own', async () => {
  await using issuer = await startTestIssuer();
  const trusting = createVerifier({ db, baseUrl, publicKeys, trustedIssuers: [issuer.trusted] });
  const { session } = await signUp();
  const local = await trusting(await accessToken(session));
  const { sub } = JSON.parse(atob((await accessToken(session)).split('.')[1] ?? ''));
  // The same subject, from elsewhere: somebody else.
  const outside = await trusting(await issuer.sign({ sub, email: 'bob@example.com' }));
  expect(outside).toMatchObject({ email: 'bob@example.com', name: null, credential: undefined });
  expect(outside.owner.id).not.toBe(local.owner.id);
  // It cannot end sessions here, claim to be one, or to stand for a personal token.
  const claims = { sub: local.owner.id, sid: local.credential?.id, pat: 'x', scope: 'tasks:read' };
  const claiming = await trusting(await issuer.sign(claims));
  expect(claiming).toMatchObject({ credential: undefined, scopes: undefined });
  expect(claiming.owner.id).not.toBe(local.owner.id);
});

test('an outside issuer that cannot be reached is no fault of the token', async () => {
  const issuer = await startTestIssuer();
  const token = await issuer.sign({ sub: 'bob' });
  await issuer[Symbol.asyncDispose]();
  const trusting = createVerifier({ db, baseUrl, publicKeys, trustedIssuers: [issuer.trusted] });
  await expect(trusting(token)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('only tokens of a trusted issuer, for this service, in their time, are accepted', async () => {
  await using issuer = await startTestIssuer();
  const trusting = createVerifier({ db, baseUrl, publicKeys, trustedIssuers: [issuer.trusted] });
  const now = Math.floor(Date.now() / 1000);
  const { session } = await signUp();
  const token = await accessToken(session);
  const [header = '', payload = '', signature = ''] = token.split('.');
  const none = btoa(JSON.stringify({ alg: 'none' })).replaceAll('=', '');
  const hmac = await new SignJWT(JSON.parse(atob(payload)))
    .setProtectedHeader({ alg: 'HS256', kid: JSON.parse(atob(header)).kid })
    .sign(new TextEncoder().encode(JSON.stringify((await publicKeys()).keys[0])));

  const invalid: Record<string, string> = {
    'nothing like a token': 'garbage',
    'no signature': `${none}.${payload}.`,
    'the public key as a secret': hmac,
    'another payload': `${header}.${btoa(JSON.stringify({ iss: baseUrl, sub: 'x' }))}.${signature}`,
    'an unknown key': `${btoa(JSON.stringify({ alg: 'EdDSA', kid: 'x' }))}.${payload}.${signature}`,
    'an issuer that nobody trusts': await issuer.sign({ sub: 'bob', iss: 'http://evil.test' }),
    'our issuer with their key': await issuer.sign({ sub: 'bob', iss: baseUrl, aud: baseUrl }),
    'another audience': await issuer.sign({ sub: 'bob', aud: 'elsewhere' }),
    'no subject': await issuer.sign({}),
    'an empty subject': await issuer.sign({ sub: '' }),
    'a filter as subject': await issuer.sign({ sub: { not: '' } as never }),
    'a subject that cannot be stored': await issuer.sign({ sub: 'a\0' }),
    'an endless subject': await issuer.sign({ sub: 'x'.repeat(256) }),
    'a time to come': await issuer.sign({ sub: 'bob', nbf: now + 600 }),
    'an endless token': `${header}.${payload}${'A'.repeat(10_000)}.${signature}`,
  };
  for (const [what, wrong] of Object.entries(invalid)) {
    await expect(trusting(wrong), what).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  }
  const expired = await issuer.sign({ sub: 'bob', exp: now - 60 });
  await expect(trusting(expired)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
  // Valid for an hour by its own account, but no token serves longer than fifteen minutes.
  const old = await issuer.sign({ sub: 'bob' }, 16 * 60);
  await expect(trusting(old)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
});

test('tokens of unknown keys cost one look at the keys, not one each', async () => {
  let loads = 0;
  const counting = createVerifier({
    db,
    baseUrl,
    publicKeys: () => {
      loads += 1;
      return identity.publicKeys();
    },
    trustedIssuers: [],
  });
  const { session } = await signUp();
  await counting(await accessToken(session));
  const payload = (await accessToken(session)).split('.')[1] ?? '';
  const forged = Array.from(
    { length: 50 },
    (_, n) => `${btoa(JSON.stringify({ alg: 'EdDSA', kid: `k${n}` }))}.${payload}.AAAA`,
  );
  const verdicts = await Promise.allSettled(forged.map((token) => counting(token)));
  expect(verdicts.every(({ status }) => status === 'rejected')).toBe(true);
  expect(loads).toBe(2);
});
