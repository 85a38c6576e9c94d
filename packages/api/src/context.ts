import type { Actor } from '@typedo/auth';
import type { Database, UserDb } from '@typedo/db';

/** Where the present comes from, so that tests can set it. */
export interface Clock {
  now(): Date;
}
export const systemClock: Clock = { now: () => new Date() };

/** What every call comes with, whichever face it came in by. */
export interface Context {
  /** Who calls. @throws UNAUTHENTICATED without a token, and what `Verify` throws */
  authenticate(): Promise<Actor>;
  database: Database;
  requestId: string;
  clock: Clock;
}

/** What a procedure and its services have once the caller is known. */
export interface UserContext {
  actor: Actor;
  /** The database as this user has it. */
  db: UserDb;
  clock: Clock;
}
