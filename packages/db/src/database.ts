import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.ts';
import type { OwnerId } from '@typedo/contract';
import { type Scope, scopes } from './scope.ts';
import { ScopedPool } from './scoped-pool.ts';
import { UnsafeQueryError, type UserDb, userDb } from './user-db.ts';

/** Who calls, and in which request: what a user's statements carry to PostgreSQL. */
export interface UserScope {
  ownerId: OwnerId;
  /** What acts for the user, such as `session:<id>`. */
  actor: string;
  requestId: string;
}

/** The tables of identity, which belong to no single user: better-auth's, and who owns what. */
export type AuthDb = Pick<
  PrismaClient,
  | 'user'
  | 'session'
  | 'account'
  | 'verification'
  | 'jwks'
  | 'endedSession'
  | 'owner'
  | '$transaction'
>;

export interface Database {
  /** The only way to users' data. */
  forUser(scope: UserScope): UserDb;
  readonly auth: AuthDb;
  /** Resolves when PostgreSQL answers, in each role. @throws the driver's error otherwise */
  ping(): Promise<void>;
  close(): Promise<void>;
}

const authScope: Scope = { role: 'typedo_auth' };
const currentScope = (): Scope => {
  const scope = scopes.getStore();
  if (!scope) throw new UnsafeQueryError('A statement outside forUser() has no owner to run for.');
  return scope;
};

/**
 * Connects to PostgreSQL at `url`, lazily, by two pools that no statement leaves unscoped.
 *
 * @param onError hears of errors on idle connections, which the pools replace by themselves.
 */
export function createDatabase(options: {
  url: string;
  onError: (error: Error) => void;
  /** Connections for users' data at most; 10 when absent. Identity has its own, up to 3. */
  maxConnections?: number | undefined;
}): Database {
  const connect = (max: number, scope: () => Scope) => {
    const config = { connectionString: options.url, max, connectionTimeoutMillis: 5000 };
    const pool = new ScopedPool(config, scope);
    const adapter = new PrismaPg(pool.asPgPool, {
      disposeExternalPool: true,
      onPoolError: options.onError,
      onConnectionError: options.onError,
    });
    return new PrismaClient({ adapter });
  };
  const app = connect(options.maxConnections ?? 10, currentScope);
  const auth = connect(3, () => authScope);

  return {
    forUser: (scope) => userDb(app, { role: 'typedo_app', ...scope }),
    auth,
    async ping() {
      await Promise.all([
        auth.$queryRaw`select 1`,
        scopes.run({ role: 'typedo_app' }, async () => await app.$queryRaw`select 1`),
      ]);
    },
    async close() {
      await Promise.all([app.$disconnect(), auth.$disconnect()]);
    },
  };
}
