import pg from 'pg';
import { type Scope, scopeValues, setScopeSql } from './scope.ts';

/** The part of pg's connection that a query writes to; pg declares no types for it. */
interface Wire {
  parse(message: { text: string }): void;
  bind(message: { values: string[] }): void;
  execute(message: object): void;
}

/** The part of pg's Query that is extended below; pg declares no types for it. */
interface WireQuery {
  prepare(connection: Wire): void;
  handleCommandComplete(message: object, connection: Wire): void;
}

type Statement = pg.QueryArrayConfig;
type Result = pg.QueryArrayResult;
type Callback = (error: Error | null, result: Result) => void;

// pg is pinned, and scoped-pool.test.ts holds what is relied on here.
const Query = pg.Query as unknown as new (
  config: Statement & { queryMode: 'extended' },
  values: undefined,
  callback: Callback,
) => WireQuery;

/**
 * A statement with its scope before it and one Sync behind both, which PostgreSQL runs as one
 * implicit transaction: the scope costs no round trip and ends with the statement.
 *
 * @see docs/decisions/001-scope-in-one-sync.md for what the alternatives cost
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
class ScopedQuery extends Query {
  readonly #scope: Scope;
  #isScopeSet = false;

  constructor(scope: Scope, statement: Statement, callback: Callback) {
    super({ ...statement, queryMode: 'extended' }, undefined, callback);
    this.#scope = scope;
  }

  override prepare(connection: Wire): void {
    connection.parse({ text: setScopeSql });
    connection.bind({ values: scopeValues(this.#scope) });
    connection.execute({});
    super.prepare(connection);
  }

  override handleCommandComplete(message: object, connection: Wire): void {
    if (this.#isScopeSet) super.handleCommandComplete(message, connection);
    this.#isScopeSet = true;
  }
}

// They touch no data, and SET TRANSACTION must come before any other statement.
const transactionControl = /^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET TRANSACTION)\b/;

const run = (client: pg.PoolClient, scope: Scope, statement: Statement): Promise<Result> => {
  if (transactionControl.test(statement.text)) return client.query(statement);
  return new Promise((resolve, reject) => {
    const query = new ScopedQuery(scope, statement, (error, result) =>
      error ? reject(error) : resolve(result),
    );
    client.query(query as unknown as pg.Submittable);
  });
};

/** After an error that PostgreSQL reported and survived, the connection is as good as before. */
const isConnectionSound = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.severity === 'ERROR';

/** What Prisma's adapter uses of a pool, and of a connection in a transaction. */
interface ScopedConnection {
  query(statement: Statement): Promise<Result>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
  release(error?: Error | boolean): void;
}
interface BasePool {
  query(statement: Statement): Promise<Result>;
  connect(): Promise<ScopedConnection>;
  end(): Promise<void>;
}
// Narrowed to what is overridden: pg's own overloads cannot be.
const Pool = pg.Pool as unknown as new (config: pg.PoolConfig) => BasePool;

// The pool listens for a connection's errors only while it is idle, and one that nobody hears ends
// the process. In use, the statement at hand fails with the same error.
const heard = (): void => {};

/**
 * A pool whose every statement, in a transaction or outside, carries the scope that `currentScope`
 * gives when its connection is taken. It throws where there is none, so that nothing runs unscoped.
 */
export class ScopedPool extends Pool {
  readonly #currentScope: () => Scope;

  constructor(config: pg.PoolConfig, currentScope: () => Scope) {
    super(config);
    this.#currentScope = currentScope;
  }

  override async query(statement: Statement): Promise<Result> {
    const connection = await this.connect();
    try {
      const result = await connection.query(statement);
      connection.release();
      return result;
    } catch (error) {
      connection.release(!isConnectionSound(error));
      throw error;
    }
  }

  override async connect(): Promise<ScopedConnection> {
    const scope = this.#currentScope();
    const client = (await super.connect()) as unknown as pg.PoolClient;
    client.on('error', heard);
    // Prisma's adapter may release twice, and use what it released (prisma/orm#29952): by then the
    // connection can be another user's, and pg-pool's own guard belongs to that user's turn.
    const release = client.release.bind(client);
    let isReleased = false;
    return {
      async query(statement) {
        if (isReleased) throw new Error('The connection of this statement was released.');
        return run(client, scope, statement);
      },
      on: (event, listener) => client.on(event, listener),
      removeListener: (event, listener) => client.removeListener(event, listener),
      release(error) {
        if (isReleased) return;
        isReleased = true;
        client.removeListener('error', heard);
        release(error);
      },
    };
  }

  /** This pool under pg's own type, for libraries that want one. */
  get asPgPool(): pg.Pool {
    return this as unknown as pg.Pool;
  }
}
