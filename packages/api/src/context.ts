import type { Accounts, Actor } from '@typedo/auth';
import type { ErrorCode, OwnerId } from '@typedo/contract';
import type { Database, UserDb } from '@typedo/db';
import type { WakeUps } from './wake-ups.ts';

/** Where the present comes from, so that tests can set it. */
export interface Clock {
  now(): Date;
}
export const systemClock: Clock = { now: () => new Date() };

/** A call that ended, whatever came of it. */
export interface EndedCall {
  path: string;
  face: Context['face'];
  outcome: 'ok' | ErrorCode;
  /** How long it took, from when its request was there; of a subscription, until its stream was. */
  seconds: number;
}

/** Who runs the service hears by it how calls go, and nothing of whose they are. */
export interface Observer {
  /** Runs a call, so that what is done meanwhile is known to be for it. Absent where nobody follows. */
  trace?:
    | (<Result>(
        call: Pick<EndedCall, 'path' | 'face'>,
        run: () => Promise<Result>,
      ) => Promise<Result>)
    | undefined;
  ended(call: EndedCall): void;
  /** A stream told of changes, which had waited for so long at most. */
  streamed(seconds: number): void;
}

/** What every call comes with, whichever face it came in by. */
export interface Context {
  /**
   * Who makes a call, which counts against their limit as often as its `weight` says; without a
   * user, against their address's.
   *
   * @throws RATE_LIMITED; UNAUTHENTICATED without a token, and what `Verify` throws
   */
  admit(weight: number): Promise<Caller>;
  /**
   * Counts a try at the caller's password, of which there may be fewer than calls.
   *
   * @throws RATE_LIMITED
   */
  admitPassword(): Promise<void>;
  /** The idempotency key of a call, by its place in the request. @throws MALFORMED_REQUEST */
  keyOf(place: number): string | undefined;
  /** Calls a mutation as part of this request, with a key of its own. See {@link callWithKey}. */
  call(path: string, input: unknown, key: string): Promise<unknown>;
  /** Counts a stream until what it returns is called. @throws TOO_MANY_STREAMS */
  openStream(ownerId: OwnerId): () => void;
  /** Looks whether the caller's token still holds. @throws what `Verify` throws */
  verifyAgain(): Promise<void>;
  wakeUps: WakeUps;
  observer: Observer;
  accounts: Accounts;
  /** Which way in the call took. */
  face: 'trpc' | 'rest';
  /** When the request was there, by `performance.now()`. */
  startedAt: number;
  requestId: string;
  clock: Clock;
}

/** Who makes the calls of a request. */
export interface Caller {
  actor: Actor;
  /** The database as this user has it: what its calls look up at once is asked for in one statement. */
  db: UserDb;
}

/** The caller of a request, whom its token stands for. */
export const callerOf = (
  actor: Actor,
  database: Database,
  { face, requestId }: Pick<Context, 'face' | 'requestId'>,
): Caller => ({
  actor,
  db: database.forUser({
    ownerId: actor.owner.id,
    actor: actor.credential ? `${actor.credential.kind}:${actor.credential.id}` : 'issuer',
    face,
    requestId,
  }),
});

/** What a procedure and its services have once the caller is known. */
export interface UserContext extends Caller {
  clock: Clock;
}
