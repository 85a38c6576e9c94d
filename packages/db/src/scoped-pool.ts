import type { Writable } from 'node:stream';
import pg from 'pg';
import { isKeyTaken, isWriteInFlight } from './errors.ts';
import {
  allowPrepared,
  isConnectionSound,
  type Prelude,
  type Result,
  send,
  type Statement,
  type TraceStatement,
} from './led-query.ts';
import { type Scope, scopeValues, setScopeSql } from './scope.ts';
import { Transaction } from './transaction.ts';
import type { DatabaseWatch } from './watch.ts';

/** What sets the scope of the transaction at hand. */
export const scopePrelude = (scope: Scope): Prelude => ({
  name: 'scope',
  text: setScopeSql,
  values: scopeValues(scope),
});

export const begin: Prelude = { name: 'begin', text: 'BEGIN' };
// Where the calling code stops in the middle, its lock and connection are free again after this.
export const boundIdleTime = `set_config('idle_in_transaction_session_timeout', '10s', true)`;
/** Holds off other writes of the owner of the scope until the transaction ends. */
export const keepLock: Prelude = {
  name: 'keep_lock',
  text: `select ${boundIdleTime}, lock_owner()`,
};

// They touch no data, and SET TRANSACTION must come before any other statement.
const transactionControl = /^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET TRANSACTION)\b/;

const runOn = (client: pg.PoolClient, scope: Scope, statement: Statement): Promise<Result> =>
  transactionControl.test(statement.text)
    ? client.query(statement)
    : send(client, [scopePrelude(scope)], statement);

/** What Prisma's adapter uses of a pool, and of a connection in a transaction. */
interface ScopedConnection {
  query(statement: Statement): Promise<Result>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
  release(error?: Error | boolean): void;
}
interface BasePool {
  readonly options: { max: number };
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  query(statement: Statement): Promise<Result>;
  connect(): Promise<ScopedConnection>;
  end(): Promise<void>;
  on(event: 'connect', listener: (client: pg.PoolClient) => void): unknown;
  on(event: 'acquire' | 'release', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}
/** The part of pg's pool that has no other way in. pg is pinned, and trouble.test.ts holds it. */
interface PoolParts {
  _pendingQueue: { callback(error: Error): void }[];
  /** Those that are still being made included. */
  _clients: { connection: pg.Connection }[];
}
// Narrowed to what is overridden: pg's own overloads cannot be.
const Pool = pg.Pool as unknown as new (config: pg.PoolConfig) => BasePool;

// The pool listens for a connection's errors only while it is idle, and one that nobody hears ends
// the process: even one on a connection just made, that nobody was given yet. In use, the statement
// at hand fails with the same error.
const heard = (): void => {};

const wireOf = (client: pg.PoolClient): pg.Connection & { stream: Writable } =>
  (client as pg.PoolClient & { connection: pg.Connection & { stream: Writable } }).connection;

/** A connection while statements that were sent together run on it. */
interface Turn {
  client: Promise<pg.PoolClient>;
  /** How many came. */
  joined: number;
  /** How many of them still run. */
  running: number;
  isOver: boolean;
}

/** How many statements travel together: more save little, and have the last wait for all others. */
const maxTogether = 10;

export interface ScopedPoolOptions {
  /** Tells who would wait for a connection in vain. */
  watch?: DatabaseWatch;
  /** Follows each statement. */
  trace?: TraceStatement | undefined;
}

/**
 * A pool whose every statement, in a transaction or outside, carries the scope that `currentScope`
 * gives when its connection is taken, or the one that `run` is given. It throws where there is none,
 * so that nothing runs unscoped.
 */
export class ScopedPool extends Pool {
  readonly #currentScope: () => Scope;
  /** The one that more statements may join: its own were not sent yet. */
  #open: Turn | undefined;
  readonly #watch: DatabaseWatch | undefined;
  readonly #trace: TraceStatement | undefined;
  #movedAt = 0;
  #answers = 0;

  constructor(
    config: pg.PoolConfig,
    currentScope: () => Scope,
    { watch, trace }: ScopedPoolOptions = {},
  ) {
    super(config);
    this.#watch = watch;
    this.#trace = trace;
    for (const event of ['acquire', 'release'] as const) {
      this.on(event, () => {
        this.#movedAt = performance.now();
      });
    }
    this.on('connect', (client) => {
      client.on('error', heard);
      wireOf(client).on('readyForQuery', () => {
        this.#answers += 1;
      });
      // It travels with the first statement; a connection that fails it fails that one too.
      allowPrepared(client).catch(heard);
    });
    // A pooler's last word may come after the statement failed: the connection is given up by then.
    this.on('error', heard);
    this.#currentScope = currentScope;
  }

  override async query(statement: Statement): Promise<Result> {
    return this.run(this.#currentScope(), statement);
  }

  /**
   * Runs a statement in a scope that is given, instead of the one at hand. Those that come in one
   * turn of the event loop, or while a connection is waited for, share one and travel together.
   */
  async run(scope: Scope, statement: Statement): Promise<Result> {
    if (scope.transaction) return scope.transaction.query(statement);
    if (!this.#trace) return this.#runInTurn(scope, statement);
    return this.#trace(statement.text, () => this.#runInTurn(scope, statement));
  }

  async #runInTurn(scope: Scope, statement: Statement): Promise<Result> {
    const turn = this.#joinTurn();
    try {
      return await runOn(await turn.client, scope, statement);
    } catch (error) {
      if (!isConnectionSound(error)) this.#end(turn, true);
      throw error;
    } finally {
      turn.running -= 1;
      if (turn.running === 0) this.#end(turn, false);
    }
  }

  #joinTurn(): Turn {
    const turn = (this.#open ??= this.#startTurn());
    turn.running += 1;
    turn.joined += 1;
    if (turn.joined === maxTogether) this.#close(turn);
    return turn;
  }

  #startTurn(): Turn {
    const client = this.#take().then((client) => {
      const { stream } = wireOf(client);
      stream.cork();
      const send = () => {
        this.#close(turn);
        stream.uncork();
      };
      // All that this turn of the event loop reads has been read when setImmediate's time comes.
      if (this.#open === turn) setImmediate(send);
      else process.nextTick(send);
      return client;
    });
    const turn: Turn = { client, joined: 0, running: 0, isOver: false };
    return turn;
  }

  #close(turn: Turn): void {
    if (this.#open === turn) this.#open = undefined;
  }

  #end(turn: Turn, isBroken: boolean): void {
    if (turn.isOver) return;
    turn.isOver = true;
    this.#close(turn);
    turn.client.then((client) => client.release(isBroken)).catch(heard);
  }

  override async connect(): Promise<ScopedConnection> {
    const scope = this.#currentScope();
    const client = await this.#take();
    const trace = this.#trace;
    // Prisma's adapter may release twice, and use what it released (prisma/orm#29952): by then the
    // connection can be another user's, and pg-pool's own guard belongs to that user's turn.
    const release = client.release.bind(client);
    let isReleased = false;
    return {
      async query(statement) {
        if (isReleased) throw new Error('The connection of this statement was released.');
        const run = () => runOn(client, scope, statement);
        return trace ? trace(statement.text, run) : run();
      },
      on: (event, listener) => client.on(event, listener),
      removeListener: (event, listener) => client.removeListener(event, listener),
      release(error) {
        if (isReleased) return;
        isReleased = true;
        release(error);
      },
    };
  }

  /**
   * Runs `work` in one transaction, which ends with its error if it throws. It takes a connection when
   * its first statement comes.
   *
   * @param opening what opens it: BEGIN, its scope, its locks
   * @param lastOf what is written before its end, made of what came of `work`
   */
  async transact<Outcome>(
    opening: Prelude[],
    work: (transaction: Transaction) => Promise<Outcome>,
    lastOf: (outcome: Outcome) => Prelude[] = () => [],
  ): Promise<Outcome> {
    const transaction = new Transaction(() => this.#take(), opening, this.#trace);
    try {
      const outcome = await work(transaction);
      await transaction.commit(lastOf(outcome));
      return outcome;
    } catch (error) {
      await transaction.rollback();
      // Whatever became of it in `work`, why it was not even opened is for the caller.
      const { failure } = transaction;
      throw isKeyTaken(failure) || isWriteInFlight(failure) ? failure : error;
    }
  }

  /** Whether a connection is in use or waited for. */
  get isInUse(): boolean {
    return this.totalCount > this.idleCount || this.waitingCount > 0;
  }

  /** How many answers of PostgreSQL came so far. */
  get answers(): number {
    return this.#answers;
  }

  /** How long no connection was given to those who wait, or back; 0 when nobody does. */
  get stuckMs(): number {
    return this.waitingCount > 0 ? performance.now() - this.#movedAt : 0;
  }

  /** Fails all who wait for a connection. */
  turnAway(error: Error): void {
    const { _pendingQueue } = this as unknown as PoolParts;
    for (const pending of _pendingQueue.splice(0)) pending.callback(error);
  }

  /** Gives up all connections, and fails what is asked on them. */
  cut(error: Error): void {
    this.turnAway(error);
    const { _clients } = this as unknown as PoolParts;
    for (const { connection } of _clients) connection.stream.destroy(error);
  }

  async #take(): Promise<pg.PoolClient> {
    this.#watch?.admit(this.totalCount > 0);
    if (this.waitingCount === 0) this.#movedAt = performance.now();
    return super.connect() as unknown as Promise<pg.PoolClient>;
  }

  /** This pool under pg's own type, for libraries that want one. */
  get asPgPool(): pg.Pool {
    return this as unknown as pg.Pool;
  }
}
