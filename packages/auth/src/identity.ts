import type { AuthDb, TokenDb } from '@typedo/db';
import { limits } from '@typedo/contract';
import { APIError, createAuthMiddleware } from 'better-auth/api';
import { prismaAdapter } from 'better-auth/adapters/prisma';
// Without Kysely, for who brings an adapter.
import { betterAuth } from 'better-auth/minimal';
import { bearer, type Jwk, jwt } from 'better-auth/plugins';
import type { JSONWebKeySet } from 'jose';
import { hashPassword, requireHashable, verifyPassword } from './password.ts';

const day = 24 * 60 * 60;

export interface IdentityOptions {
  db: AuthDb;
  /** Keeps the signing keys. */
  tokens: TokenDb;
  /** The public address of the service: issuer and audience of its tokens. */
  baseUrl: string;
  /** Signs cookies and encrypts the private keys at rest. */
  secret: string;
  /** Origins of web pages that may sign users in, beside `baseUrl`. */
  trustedOrigins: string[];
  /** bcrypt's cost: 2^cost rounds. */
  bcryptCost: number;
  log: (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;
}

/** What an access token says beside its issuer, its audience and when it was issued. */
export interface AccessClaims {
  sub: string;
  exp: number;
  [claim: string]: unknown;
}

/** Sign-up, sign-in and sessions; the issuer of the service's own access tokens. */
export interface Identity {
  /** Answers a request below `/api/auth/`. */
  handle(request: Request): Promise<Response>;
  /** Signs an access token of the service's own. `exp` is in seconds since 1970. */
  sign(claims: AccessClaims): Promise<string>;
  /** The public keys that access tokens are signed with, retired ones included while they matter. */
  publicKeys(): Promise<JSONWebKeySet>;
  /** Makes the first signing key, and finds out whether `secret` still opens the present one. */
  prepare(): Promise<void>;
}

/**
 * What of better-auth is open to the outside; everything else is not routed. `counts` is what a
 * request is limited as: a password's hash, which is also a try at guessing one; a change of
 * sessions; or a look at one, which a web server asks for all its users.
 */
export const identityRoutes = [
  { method: 'POST', path: '/sign-up/email', counts: 'password' },
  { method: 'POST', path: '/sign-in/email', counts: 'password' },
  { method: 'POST', path: '/sign-out', counts: 'session' },
  { method: 'GET', path: '/get-session', counts: 'look' },
  { method: 'GET', path: '/list-sessions', counts: 'session' },
  { method: 'POST', path: '/revoke-session', counts: 'session' },
  { method: 'POST', path: '/revoke-sessions', counts: 'session' },
  { method: 'POST', path: '/revoke-other-sessions', counts: 'session' },
  { method: 'POST', path: '/change-password', counts: 'password' },
  { method: 'GET', path: '/token', counts: 'look' },
  { method: 'GET', path: '/jwks', counts: 'look' },
] as const;

/** @throws USER_TOO_LONG for what would not fit into an access token */
const requireShort = ({ name, email }: { name: string; email: string }): void => {
  if (name.length <= limits.userNameLength && email.length <= limits.emailLength) return;
  throw new APIError('BAD_REQUEST', {
    code: 'USER_TOO_LONG',
    message: `A name may have at most ${limits.userNameLength} characters, an e-mail address ${limits.emailLength}.`,
  });
};

/** @see https://www.better-auth.com/docs/plugins/jwt for what the keys' options mean */
export function createIdentity(options: IdentityOptions): Identity {
  const auth = betterAuth({
    appName: 'Typedo',
    baseURL: options.baseUrl,
    basePath: '/api/auth',
    secret: options.secret,
    trustedOrigins: options.trustedOrigins,
    database: prismaAdapter(options.db, { provider: 'postgresql', transaction: true }),
    // Said, because better-auth turns the check off by itself where NODE_ENV is test.
    advanced: { database: { generateId: 'uuid' }, disableOriginCheck: false },
    emailAndPassword: {
      enabled: true,
      minPasswordLength: limits.passwordMinLength,
      maxPasswordLength: limits.passwordBytes,
      password: { hash: hashPassword(options.bcryptCost), verify: verifyPassword },
    },
    hooks: {
      before: createAuthMiddleware(async ({ path, body }) => {
        if (path === '/sign-up/email') requireHashable(body?.password);
        if (path !== '/change-password') return undefined;
        requireHashable(body?.newPassword);
        // A password is often changed because somebody else has it.
        return { context: { body: { ...body, revokeOtherSessions: true } } };
      }),
    },
    // What breaks is for the server to log, by its own rules; left to itself it goes to stderr whole.
    onAPIError: { throw: true },
    // Who is signed in may see and end their sessions, however old their own is.
    session: { freshAge: 0 },
    // The server has its own, for all ways in.
    rateLimit: { enabled: false },
    databaseHooks: { user: { create: { before: async (user) => requireShort(user) } } },
    telemetry: { enabled: false },
    logger: { log: (level, message) => options.log(level, message) },
    plugins: [
      bearer(),
      jwt({
        disableSettingJwtHeader: true,
        jwks: { rotationInterval: 30 * day, gracePeriod: day },
        adapter: {
          getJwks: async () => (await options.tokens.signingKeys()) as Jwk[],
          createJwk: async ({ alg = null, crv = null, expiresAt = null, ...key }) =>
            (await options.tokens.addSigningKey({ ...key, alg, crv, expiresAt })) as Jwk,
        },
        jwt: {
          issuer: options.baseUrl,
          audience: options.baseUrl,
          expirationTime: `${limits.accessTokenSeconds}s`,
          definePayload: ({ user, session }) => ({
            sid: session.id,
            email: user.email,
            name: user.name,
          }),
        },
      }),
    ],
  });

  return {
    handle: (request) => auth.handler(request),
    async sign(claims) {
      const payload = { iat: Math.floor(Date.now() / 1000), ...claims };
      const { token } = await auth.api.signJWT({ body: { payload } });
      return token;
    },
    publicKeys: () => auth.api.getJwks(),
    async prepare() {
      await auth.api.signJWT({ body: { payload: {} } });
    },
  };
}
