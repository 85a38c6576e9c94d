import type pg from 'pg';
import {
  isConnectionSound,
  type Prelude,
  type Result,
  send,
  type Statement,
  type TraceStatement,
} from './led-query.ts';

/**
 * A transaction on one connection, whose statements run in the order they came, and travel together
 * where none waits for another. It is opened in the round trip of its first statement, and what is
 * still to be written at its end goes in that of COMMIT.
 */
export class Transaction {
  readonly #connect: () => Promise<pg.PoolClient>;
  readonly #opening: Prelude[];
  readonly #trace: TraceStatement | undefined;
  #connection: Promise<pg.PoolClient> | undefined;
  #settled: Promise<unknown> = Promise.resolve();
  #isEnding = false;
  #failure: unknown;

  constructor(connect: () => Promise<pg.PoolClient>, opening: Prelude[], trace?: TraceStatement) {
    this.#connect = connect;
    this.#opening = [...opening];
    this.#trace = trace;
  }

  /** Why a statement of it failed, the first that did: it can only be rolled back from then on. */
  get failure(): unknown {
    return this.#failure;
  }

  query(statement: Statement): Promise<Result> {
    if (this.#isEnding) {
      return Promise.reject(new Error('The transaction of this statement has ended.'));
    }
    const result = this.#send([], statement);
    this.#settled = Promise.allSettled([this.#settled, result]).then(() => undefined);
    return result;
  }

  /** @param last what is still written, in the round trip of the end */
  async commit(last: Prelude[]): Promise<void> {
    this.#isEnding = true;
    await this.#settled;
    // PostgreSQL would answer COMMIT with a rollback, and without an error.
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#connection && last.length === 0) return;
    await this.#send(last, { name: 'commit', text: 'COMMIT' });
    (await this.#connection)?.release();
  }

  async rollback(): Promise<void> {
    this.#isEnding = true;
    await this.#settled;
    const connection = await this.#connection?.catch(() => undefined);
    if (!connection) return;
    const isSound = this.#failure === undefined || isConnectionSound(this.#failure);
    const ended = isSound && (await connection.query('ROLLBACK').catch(() => undefined));
    connection.release(!ended);
  }

  async #send(preludes: Prelude[], statement: Statement): Promise<Result> {
    try {
      const run = async () => {
        const connection = await (this.#connection ??= this.#connect());
        return send(connection, [...this.#opening.splice(0), ...preludes], statement);
      };
      return await (this.#trace ? this.#trace(statement.text, run) : run());
    } catch (error) {
      // Behind the first that failed, PostgreSQL says no more than that one did.
      this.#failure ??= error;
      throw this.#failure;
    }
  }
}
