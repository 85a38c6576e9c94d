import type { AddressInfo } from 'node:net';
import { createClient, type Session, signUp, type TypedoClient } from '@typedo/client';
import { createDatabase } from '@typedo/db';
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

/** The real server on the tests' PostgreSQL, on a free port unless one is given. */
export async function startTestApp({
  port = 0,
  ...options
}: Partial<AppOptions> & { port?: number } = {}): Promise<TestApp> {
  const logs: string[] = [];
  const log = createLog('debug', { write: (line) => void logs.push(line) });
  const { url }: TestDatabase = inject('database');
  const database = createDatabase({ url, onError: () => {} });
  const app = await buildApp({
    database,
    log,
    baseUrl: testBaseUrl,
    secret: testSecret,
    bcryptCost: 4,
    attemptsPerMinute: 100_000,
    // Signing in asks for an origin that is trusted, and the port is not known yet.
    corsOrigins: ['http://127.0.0.1:*'],
    trustedProxies: [],
    trustedIssuers: [],
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

/** A new user of the app, signed in. */
export async function signUpTestUser({ url }: Pick<TestApp, 'url'>): Promise<TestUser> {
  const credentials = { email: `${crypto.randomUUID()}@example.com`, password: 'correct horse' };
  const session = await signUp(url, { name: 'Test User', ...credentials });
  return { ...credentials, session, client: createClient({ url, auth: session }) };
}
