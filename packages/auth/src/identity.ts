import type { AuthDb } from '@typedo/db';
import { limits } from '@typedo/contract';
import { betterAuth } from 'better-auth';
import { APIError } from 'better-auth/api';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { bearer, jwt } from 'better-auth/plugins';
import type { JSONWebKeySet } from 'jose';
import { hashPassword, verifyPassword } from './password.ts';

const day = 24 * 60 * 60;

export interface IdentityOptions {
  db: AuthDb;
  /** The public address of the service: issuer and audience of its tokens. */
  baseUrl: string;
  /** Signs cookies and encrypts the private keys at rest. */
  secret: string;
  /** Origins of web pages that may sign users in, beside `baseUrl`. */
  trustedOrigins: string[];
  /** bcrypt's cost: 2^cost rounds. */
  bcryptCost: number;
  /** How often an address may try a password in a minute. */
  attemptsPerMinute: number;
  log: (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;
}

/** Sign-up, sign-in and sessions; the issuer of the service's own access tokens. */
export interface Identity {
  /** Answers a request below `/api/auth/`. */
  handle(request: Request): Promise<Response>;
  /** The public keys that access tokens are signed with, retired ones included while they matter. */
  publicKeys(): Promise<JSONWebKeySet>;
  /** Makes the first signing key, and finds out whether `secret` still opens the present one. */
  prepare(): Promise<void>;
}

/** What of better-auth is open to the outside; everything else is not routed. */
export const identityRoutes = [
  { method: 'POST', path: '/sign-up/email' },
  { method: 'POST', path: '/sign-in/email' },
  { method: 'POST', path: '/sign-out' },
  { method: 'GET', path: '/get-session' },
  { method: 'GET', path: '/list-sessions' },
  { method: 'POST', path: '/revoke-session' },
  { method: 'POST', path: '/revoke-sessions' },
  { method: 'POST', path: '/revoke-other-sessions' },
  { method: 'POST', path: '/change-password' },
  { method: 'GET', path: '/token' },
  { method: 'GET', path: '/jwks' },
] as const;

/** Each of these costs a password's hash, and is a try at guessing one. */
const passwordRoutes = ['/sign-up/email', '/sign-in/email', '/change-password'];

/** What takes a session, or tells nothing. */
const openRoutes = ['/token', '/get-session', '/jwks'];

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
    // Who is signed in may see and end their sessions, however old their own is.
    session: { freshAge: 0 },
    // Counted by the address in x-forwarded-for, which the server sets itself.
    rateLimit: {
      enabled: true,
      window: 60,
      max: 10 * options.attemptsPerMinute,
      customRules: Object.fromEntries<{ window: number; max: number } | false>([
        ...passwordRoutes.map(
          (path) => [path, { window: 60, max: options.attemptsPerMinute }] as const,
        ),
        // A web server asks for all its users from one address, and a guess cannot succeed here.
        ...openRoutes.map((path) => [path, false] as const),
      ]),
    },
    databaseHooks: { user: { create: { before: async (user) => requireShort(user) } } },
    telemetry: { enabled: false },
    logger: { log: (level, message) => options.log(level, message) },
    plugins: [
      bearer(),
      jwt({
        disableSettingJwtHeader: true,
        jwks: { rotationInterval: 30 * day, gracePeriod: day },
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
    publicKeys: () => auth.api.getJwks(),
    async prepare() {
      await auth.api.signJWT({ body: { payload: {} } });
    },
  };
}
