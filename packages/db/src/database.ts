import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/client.ts';
import type { AccountRows, OwnerId } from '@typedo/contract';
import { deleteAccount } from './delete-account.ts';
import { type Forgotten, forgetPast } from './horizon.ts';
import type { TraceStatement } from './led-query.ts';
import type { Scope } from './scope.ts';
import { ScopedPool, type ScopedPoolOptions } from './scoped-pool.ts';
import { ownedModels, UnsafeQueryError } from './owned-sql.ts';
import { type TokenDb, tokenDb } from './token-db.ts';
import { type UserDb, userDbs } from './user-db.ts';
import { DatabaseAwayError, DatabaseWatch } from './watch.ts';

/** Who calls, and in which request: what a user's statements carry to PostgreSQL. */
export interface UserScope {
  ownerId: OwnerId;
  /** What acts for the user, such as `session:<id>`. */
  actor: string;
  /** Which way in the call took, such as `rest`. */
  face: string;
  requestId: string;
}

/** The tables of identity, for better-auth and for what accounts are asked. */
export type AuthDb = Pick<
  PrismaClient,
  'user' | 'session' | 'account' | 'verification' | 'owner' | '$transaction'
>;

/** Connections of a pool, and how many wait for one. */
export interface PoolState {
  used: number;
  idle: number;
  waiting: number;
}

export interface Database {
  /** The only way to users' data. */
  forUser(scope: UserScope): UserDb;
  readonly auth: AuthDb;
  /** Of identity's tables what tokens need. */
  readonly tokens: TokenDb;
  /** Deletes all that is kept of an owner; tells how many rows of each table. See {@link deleteAccount}. */
  deleteAccount(ownerId: OwnerId, userId: string | undefined): Promise<AccountRows>;
  /** Deletes what is past its horizon. See {@link forgetPast}. */
  forgetPast(now: Date): Promise<Forgotten>;
  /** Resolves when PostgreSQL answers, in each role. @throws the driver's error otherwise */
  ping(): Promise<void>;
  /** Whether PostgreSQL answers, or did a moment ago. */
  isThere(): Promise<boolean>;
  /** How the pools are at the moment: that of users' data, and that of identity. */
  pools(): { data: PoolState; identity: PoolState };
  close(): Promise<void>;
}

const stateOf = ({ totalCount, idleCount, waitingCount }: ScopedPool): PoolState => ({
  used: totalCount - idleCount,
  idle: idleCount,
  waiting: waitingCount,
});

/** How long it waits for its turn before it is told to come back later. */
const takeMs = 10_000;
/** How long one is being made. */
const connectMs = 2000;
/** How long nobody's turn may come before those who wait are told so. */
const stuckMs = 1500;
// A sign-up hashes its password within its transaction, and many may be hashed at once.
const transactionOptions = { maxWait: takeMs, timeout: 30_000 };

// pg's pool has one bound for both.
class Client extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super({ ...config, connectionTimeoutMillis: connectMs });
  }
}

const authScope: Scope = { role: 'typedo_auth' };
const noScope = (): never => {
  throw new UnsafeQueryError('A statement outside forUser() has no owner to run for.');
};

/**
 * Connects to PostgreSQL at `url`, lazily, by two pools that no statement leaves unscoped, and
 * finds out when it does not answer: then calls fail at once, until it does.
 *
 * @param onError hears of that, and of errors on idle connections, which the pools replace by
 *   themselves.
 */
export function createDatabase(options: {
  url: string;
  onError: (error: Error) => void;
  /** Connections for users' data at most; 10 when absent. Identity has its own, up to 3, and so has the watch. */
  maxConnections?: number | undefined;
  /** Follows each statement that is made for a call. */
  trace?: TraceStatement | undefined;
}): Database {
  const { trace } = options;
  const connect = (
    max: number,
    scope: () => Scope,
    poolOptions?: ScopedPoolOptions,
  ): ScopedPool => {
    const config = {
      connectionString: options.url,
      max,
      connectionTimeoutMillis: takeMs,
      Client,
      pipeline: true,
    };
    const pool = new ScopedPool(config, scope, poolOptions);
    pool.on('error', options.onError);
    return pool;
  };
  const watch = new DatabaseWatch({
    ask: () => watchPool.run(authScope, { text: 'select 1' }),
    isInUse: () => pool.isInUse || authPool.isInUse,
    answers: () => pool.answers + authPool.answers,
    onAnswer() {
      // Identity's are longer in use: passwords are hashed meanwhile.
      if (pool.stuckMs > stuckMs) pool.turnAway(new DatabaseAwayError());
    },
    onAway: options.onError,
    onSilence(error) {
      for (const each of [watchPool, pool, authPool]) each.cut(error);
    },
  });
  const watchPool = connect(1, () => authScope);
  const pool = connect(options.maxConnections ?? 10, noScope, { watch, trace });
  const authPool = connect(3, () => authScope, { watch, trace });
  const auth = new PrismaClient({ adapter: new PrismaPg(authPool.asPgPool), transactionOptions });
  const forOwner = userDbs(ownedModels(auth), pool);

  return {
    forUser: (scope) => forOwner({ role: 'typedo_app', ...scope }),
    auth,
    tokens: tokenDb((statement) => authPool.run(authScope, statement)),
    deleteAccount: (ownerId, userId) => deleteAccount(pool, ownerId, userId),
    forgetPast: (now) => forgetPast(pool, now),
    async ping() {
      const statement = { text: 'select 1' };
      await Promise.all([
        pool.run({ role: 'typedo_app' }, statement),
        authPool.run(authScope, statement),
      ]);
    },
    isThere: () => watch.isThere(),
    pools: () => ({ data: stateOf(pool), identity: stateOf(authPool) }),
    async close() {
      watch.stop();
      await auth.$disconnect();
      await Promise.all([pool.end(), authPool.end(), watchPool.end()]);
    },
  };
}
