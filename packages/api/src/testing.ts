import { setTimeout as wait } from 'node:timers/promises';
import { type Actor, createAccounts } from '@typedo/auth';
import { CatalogueError } from '@typedo/contract';
import { createDatabase } from '@typedo/db';
import type { TestDatabase } from '@typedo/db/testing';
import { inject } from 'vitest';
import { callerOf, type Clock, type Context } from './context.ts';
import { callWithKey } from './call.ts';
import { appRouter } from './router.ts';
import { createCallerFactory } from './trpc.ts';
import { createWakeUps } from './wake-ups.ts';

const { url }: TestDatabase = inject('database');
const database = createDatabase({ url, onError: () => {} });
const createCaller = createCallerFactory(appRouter);

/** A clock that stands still until it is set. */
export interface TestClock extends Clock {
  set(time: string): void;
}

/** A new user who calls procedures in this process, on the tests' PostgreSQL. */
export async function newUser() {
  const owner = await database.tokens.ensureOwner({ issuer: 'test', subject: crypto.randomUUID() });
  let now = new Date('2026-11-20T12:00:00.000Z');
  const clock: TestClock = {
    now: () => now,
    set(time) {
      now = new Date(time);
    },
  };
  const actor: Actor = {
    owner,
    credential: undefined,
    scopes: undefined,
    email: 'ann@example.com',
    name: null,
  };
  const request = { face: 'trpc', requestId: crypto.randomUUID() } as const;
  const caller = callerOf(actor, database, request);
  const context: Context = {
    ...request,
    admit: async () => caller,
    admitPassword: async () => {},
    keyOf: () => undefined,
    call: (path, input, key) => callWithKey(context, path, input, key),
    openStream: () => () => {},
    verifyAgain: async () => {},
    startedAt: performance.now(),
    wakeUps: createWakeUps(),
    observer: { ended: () => {}, streamed: () => {} },
    accounts: createAccounts(database, { forget: () => {} }),
    clock,
  };
  return { call: createCaller(context), context, caller, owner, clock };
}

/** The catalogue code that a call is refused with. */
export const refusal = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'accepted',
    (error) => (error instanceof CatalogueError ? error.code : (error.cause?.code ?? error.code)),
  );

/** What a call is answered with in the end, where it is told to come again while the machine is busy. */
export const untilAnswered = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
  const answer = call();
  const code = await refusal(answer);
  if (code !== 'UNAVAILABLE' && code !== 'IN_FLIGHT') return answer;
  await wait(100);
  return untilAnswered(call);
};

/** The different codes that calls are refused with. */
export const refusals = async (calls: Promise<unknown>[]): Promise<unknown[]> => [
  ...new Set(await Promise.all(calls.map(refusal))),
];
