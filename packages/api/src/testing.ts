import { createDatabase, ensureOwner } from '@typedo/db';
import type { TestDatabase } from '@typedo/db/testing';
import { inject } from 'vitest';
import type { Clock, Context } from './context.ts';
import { appRouter } from './router.ts';
import { createCallerFactory } from './trpc.ts';

const { url }: TestDatabase = inject('database');
const database = createDatabase({ url, onError: () => {} });
const createCaller = createCallerFactory(appRouter);

/** A clock that stands still until it is set. */
export interface TestClock extends Clock {
  set(time: string): void;
}

/** A new user who calls procedures in this process, on the tests' PostgreSQL. */
export async function newUser() {
  const owner = await ensureOwner(database.auth, { issuer: 'test', subject: crypto.randomUUID() });
  let now = new Date('2026-11-20T12:00:00.000Z');
  const clock: TestClock = {
    now: () => now,
    set(time) {
      now = new Date(time);
    },
  };
  const context: Context = {
    authenticate: async () => ({
      owner,
      sessionId: undefined,
      email: 'ann@example.com',
      name: null,
    }),
    database,
    requestId: crypto.randomUUID(),
    clock,
  };
  return { call: createCaller(context), context, owner, clock };
}

/** The catalogue code that a call is refused with. */
export const refusal = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'accepted',
    (error) => error.cause?.code ?? error.code,
  );

/** The different codes that calls are refused with. */
export const refusals = async (calls: Promise<unknown>[]): Promise<unknown[]> => [
  ...new Set(await Promise.all(calls.map(refusal))),
];
