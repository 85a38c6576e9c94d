import pg from 'pg';

/** The part of pg's connection that a query writes to; pg declares no types for it. */
interface Wire {
  parse(message: { name?: string | undefined; text: string }): void;
  bind(message: { statement?: string | undefined; values: string[] }): void;
  execute(message: object): void;
  describe(message: object): void;
  close(message: { type: 'S'; name: string }): void;
}

/** What PostgreSQL tells of a statement's rows, as pg keeps it: fields, how to read each, an empty row. */
interface Description {
  fields: object[];
  _parsers: unknown[] | undefined;
  _prebuiltEmptyResultObject: object | null;
}

/** The part of pg's Query that is extended below; pg declares no types for it. */
interface WireQuery {
  name: string | undefined;
  queryMode: 'extended' | undefined;
  _rowMode: Statement['rowMode'];
  _result: Description;
  _results: Description;
  _accumulateRows: boolean;
  prepare(connection: Wire): void;
  hasBeenParsed(connection: Wire): boolean;
  handleDataRow(message: object): void;
  handleCommandComplete(message: object, connection: Wire): void;
  handleError(error: Error, connection: Wire): void;
}

/** A statement, and under which name a connection may keep it prepared. */
export interface Statement {
  text: string;
  name?: string | undefined;
  values?: unknown[];
  rowMode?: 'array' | undefined;
  types?: pg.CustomTypesConfig | undefined;
}
/** What came of one. */
export interface Result<Row = unknown> {
  rows: Row[];
  rowCount: number | null;
}
type Callback = (error: Error | null, result: Result) => void;

/** Runs a statement for whoever follows how long each takes, and whether it fails. */
export type TraceStatement = <Outcome>(
  text: string,
  run: () => Promise<Outcome>,
) => Promise<Outcome>;

/** What is sent before a statement in the same round trip. Rows that it gives are passed over. */
export interface Prelude {
  text: string;
  name?: string;
  values?: string[];
}

// pg is pinned, and scoped-pool.test.ts holds what is relied on here.
const Query = pg.Query as unknown as new (
  text: string,
  values: unknown[] | undefined,
  callback: Callback,
) => WireQuery;

const QueryResult = pg.Result as unknown as new (
  rowMode: Statement['rowMode'],
  types: Statement['types'],
) => Description;

/** The statements that a connection keeps, by name. Nobody asks for rows of a prelude. */
type Prepared = Map<string, Description | undefined>;
/** Those of connections that may keep any. */
const prepared = new WeakMap<pg.PoolClient, Prepared>();

/** Whether a pooler is between: it names a process of another number than PostgreSQL does. */
export async function isPooled(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid !== (client as pg.ClientBase & { processID: number }).processID;
}

/**
 * Lets a connection keep statements prepared, once it is known to be PostgreSQL's own: behind a
 * pooler it may be another server process each time.
 *
 * @see https://www.pgbouncer.org/faq.html#how-to-use-prepared-statements-with-transaction-pooling
 */
export async function allowPrepared(client: pg.PoolClient): Promise<void> {
  if (!(await isPooled(client))) prepared.set(client, new Map());
}

const undescribed = new WeakMap<Wire, Wire>();
/** The same connection, that asks for no description. */
const undescribing = (connection: Wire): Wire => {
  const known = undescribed.get(connection);
  if (known) return known;
  const wire = Object.create(connection, { describe: { value: () => {} } }) as Wire;
  undescribed.set(connection, wire);
  return wire;
};

/**
 * A statement with others before it and one Sync behind all: they cost no round trip, and where one
 * fails those after it do not run. Outside a transaction PostgreSQL makes them one.
 *
 * @see docs/decisions/001-scope-in-one-sync.md for what the alternatives cost
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
class LedQuery extends Query {
  readonly #preludes: Prelude[];
  readonly #statement: Statement;
  readonly #kept: Prepared | undefined;
  #completed = 0;

  constructor(
    preludes: Prelude[],
    statement: Statement,
    kept: Prepared | undefined,
    callback: Callback,
  ) {
    const { text, values, rowMode, types } = statement;
    // Not as pg's config, which it copies descriptor by descriptor.
    super(text, values, callback);
    this.name = kept && statement.name;
    this.queryMode = 'extended';
    if (rowMode || types) {
      this._rowMode = rowMode;
      this._result = this._results = new QueryResult(rowMode, types);
    }
    this.#preludes = preludes;
    this.#statement = statement;
    this.#kept = kept;
  }

  override prepare(connection: Wire): void {
    for (const prelude of this.#preludes) {
      this.#parse(connection, prelude);
      const { name, values = [] } = prelude;
      connection.bind({ statement: this.#kept && name, values });
      connection.execute({});
    }
    this.#parse(connection, this.#statement);
    const { name } = this.#statement;
    const known = name === undefined ? undefined : this.#kept?.get(name);
    if (!known) return super.prepare(connection);
    Object.assign(this._result, known);
    this._accumulateRows = true;
    super.prepare(undescribing(connection));
  }

  #parse(connection: Wire, { name, text }: Prelude | Statement): void {
    if (!this.#kept || !name) {
      connection.parse({ text });
    } else if (!this.#kept.has(name)) {
      // An earlier one may have got through although what came after it failed.
      connection.close({ type: 'S', name });
      connection.parse({ name, text });
    }
  }

  override hasBeenParsed(): boolean {
    return true;
  }

  /** Whether what PostgreSQL tells now is of the statement itself. */
  get #isLast(): boolean {
    return this.#completed === this.#preludes.length;
  }

  // What a prelude gives is nobody's.
  override handleDataRow(message: object): void {
    if (this.#isLast) super.handleDataRow(message);
  }

  override handleCommandComplete(message: object, connection: Wire): void {
    const { name } = this.#preludes[this.#completed] ?? this.#statement;
    if (name && this.#kept && !this.#kept.get(name)) {
      const { fields, _parsers, _prebuiltEmptyResultObject } = this._result;
      const description = { fields, _parsers, _prebuiltEmptyResultObject };
      this.#kept.set(name, this.#isLast ? description : undefined);
    }
    if (this.#isLast) super.handleCommandComplete(message, connection);
    else this.#completed += 1;
  }

  // A statement whose table has changed since is refused until it is prepared anew.
  override handleError(error: Error, connection: Wire): void {
    for (const { name } of [...this.#preludes, this.#statement]) {
      if (name) this.#kept?.delete(name);
    }
    super.handleError(error, connection);
  }
}

/** A statement that was not sent, for one of its values: a mistake in the calling code. */
class UnsendableError extends Error {
  override readonly name = 'UnsendableError';
}

/** Whether pg is sure to write it: of an object it makes JSON, which may throw. */
const isSendable = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  value instanceof Date ||
  ArrayBuffer.isView(value) ||
  (Array.isArray(value) && value.every(isSendable));

/** Sends a statement with `preludes` before it. */
export const send = (
  client: pg.PoolClient,
  preludes: Prelude[],
  statement: Statement,
): Promise<Result> =>
  new Promise((resolve, reject) => {
    // Half of it written, each later answer on the connection would be taken for that of another.
    if (!(statement.values ?? []).every(isSendable)) {
      throw new UnsendableError(`A value of a statement is no scalar: ${statement.text}`);
    }
    const query = new LedQuery(preludes, statement, prepared.get(client), (error, result) =>
      error ? reject(error) : resolve(result),
    );
    client.query(query as unknown as pg.Submittable);
  });

/** After an error that PostgreSQL reported and survived, the connection is as good as before. */
export const isConnectionSound = (error: unknown): boolean =>
  error instanceof UnsendableError ||
  (error instanceof pg.DatabaseError && error.severity === 'ERROR');
