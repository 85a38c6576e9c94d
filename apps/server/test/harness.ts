import type { AddressInfo } from 'node:net';
import { createClient, type Session, signUp, type TypedoClient } from '@typedo/client';
import { createDatabase, type Database } from '@typedo/db';
import type { TestDatabase } from '@typedo/db/testing';
import { inject } from 'vitest';
import { type AppOptions, buildApp } from '../src/app.ts';
import { createLog } from '../src/log.ts';

export interface TestApp {
  /** Where it listens. */
  url: string;
  /** What it logged, a line each. */
  logs: string[];
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Issuer and audience of the tests' tokens. */
export const testBaseUrl = 'http://typedo.test';
export const testSecret = 'a-secret-of-the-tests-alone-0123456789';

const openTestDatabase = (): Database => {
  const { url }: TestDatabase = inject('database');
  return createDatabase({ url, onError: () => {} });
};

/** The real server on the tests' PostgreSQL, on a free port unless one is given. */
export async function startTestApp({
  port = 0,
  database = openTestDatabase(),
  ...options
}: Partial<AppOptions> & { port?: number } = {}): Promise<TestApp> {
  const logs: string[] = [];
  const log = createLog('debug', { write: (line) => void logs.push(line) });
  const app = await buildApp({
    database,
    log,
    baseUrl: testBaseUrl,
    secret: testSecret,
    bcryptCost: 4,
    attemptsPerMinute: 100_000,
    callsPerMinute: 1_000_000,
    hasPanel: true,
    // Signing in asks for an origin that is trusted, and the port is not known yet.
    corsOrigins: ['http://127.0.0.1:*'],
    trustedProxies: [],
    trustedIssuers: [],
    metrics: undefined,
    tracing: undefined,
    ...options,
  });
  await app.listen({ host: '127.0.0.1', port });
  const address = app.server.address() as AddressInfo;
  const close = async () => {
    await app.close();
    await database.close();
  };
  return { url: `http://127.0.0.1:${address.port}`, logs, close, [Symbol.asyncDispose]: close };
}

export interface TestUser {
  email: string;
  password: string;
  session: Session;
  client: TypedoClient;
}

/** An access token of a session. */
export async function accessToken(
  { url }: Pick<TestApp, 'url'>,
  { session }: Session,
): Promise<string> {
  const headers = { authorization: `Bearer ${session}` };
  const response = await fetch(`${url}/api/auth/token`, { headers });
  return ((await response.json()) as { token: string }).token;
}

/** A new user of the app, signed in. */
export async function signUpTestUser(
  { url }: Pick<TestApp, 'url'>,
  { email = `${crypto.randomUUID()}@example.com`, password = 'correct horse' } = {},
): Promise<TestUser> {
  const credentials = { email, password };
  const session = await signUp(url, { name: 'Test User', ...credentials });
  return { ...credentials, session, client: createClient({ url, auth: session }) };
}
