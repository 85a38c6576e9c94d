import type { OwnerId } from '@typedo/contract';
import DataLoader from 'dataloader';
import type { Prisma } from './generated/client.ts';
import type { Prelude } from './led-query.ts';
import {
  type Args,
  argumentNames,
  type Fields,
  type Operation,
  operations,
  type OwnedModel,
  ownedStatement,
  prismaTypes,
  UnsafeQueryError,
} from './owned-sql.ts';
import type { Scope } from './scope.ts';
import { begin, boundIdleTime, keepLock, type ScopedPool, scopePrelude } from './scoped-pool.ts';

type Models = Prisma.TypeMap['model'];
type Scalars<M extends keyof Models> = Models[M]['payload']['scalars'];
/** Models whose rows belong to a user: those with an `ownerId`. */
type OwnedName = {
  [M in keyof Models]: 'ownerId' extends keyof Scalars<M> ? M : never;
}[keyof Models];

/** What is asked of a field: to have a value, or one beyond, among or other than some. */
type Filter<Value> =
  | Value
  | {
      not?: Value;
      in?: NonNullable<Value>[];
      gt?: NonNullable<Value>;
      gte?: NonNullable<Value>;
      lt?: NonNullable<Value>;
      lte?: NonNullable<Value>;
    };
type Filters<Row> = { [Field in keyof Row as Exclude<Field, 'ownerId'>]?: Filter<Row[Field]> };
/** What is asked of the row of the same owner that a field refers to. */
type ReferenceFilters<Related> = {
  [
    Field in keyof Related as Related[Field] extends { scalars: { ownerId: string } } | null
      ? Field
      : never
  ]?: Related[Field] extends { scalars: infer Row } | null ? { is: Filters<Row> } : never;
};
type Where<Row, Related> = Filters<Row> &
  ReferenceFilters<Related> & {
    AND?: Where<Row, Related> | Where<Row, Related>[];
    OR?: Where<Row, Related>[];
    ownerId?: never;
  };
type OrderBy<Row> = { [Field in keyof Row]?: 'asc' | 'desc' };
/** A row to be made: what it must have, and what the database gives it otherwise. */
type New<M extends OwnedName> = Omit<
  Exclude<Models[M]['operations']['createMany']['args']['data'], readonly unknown[]>,
  'ownerId'
> & { ownerId?: never };
type Changed<Row> = Partial<Omit<Row, 'ownerId'>> & { ownerId?: never };

/** What can be done with a model's rows of one user, in Prisma's words. */
interface OwnedTable<Row, Related, NewRow> {
  /** As Prisma does, it asks for all that one turn of the event loop looks up in one statement. */
  findUnique(args: { where: { id: string } }): Promise<Row | null>;
  findFirst<Field extends keyof Row = keyof Row>(args: {
    where?: Where<Row, Related>;
    orderBy?: OrderBy<Row> | OrderBy<Row>[];
    select?: { [F in Field]: true };
  }): Promise<Pick<Row, Field> | null>;
  findMany<Field extends keyof Row = keyof Row>(args: {
    where?: Where<Row, Related>;
    orderBy?: OrderBy<Row> | OrderBy<Row>[];
    take?: number;
    select?: { [F in Field]: true };
  }): Promise<Pick<Row, Field>[]>;
  create(args: { data: NewRow }): Promise<Row>;
  updateMany(args: { where: Where<Row, Related>; data: Changed<Row> }): Promise<{ count: number }>;
  updateManyAndReturn(args: { where: Where<Row, Related>; data: Changed<Row> }): Promise<Row[]>;
  deleteMany(args: { where: Where<Row, Related> }): Promise<{ count: number }>;
}
type OwnedTableOf<M extends OwnedName> = OwnedTable<
  Scalars<M>,
  Models[M]['payload']['objects'],
  New<M>
>;

/**
 * The database as one user has it: the owner is part of each query, whatever the caller asks for,
 * and row-level security sees to the same below. Throws {@link UnsafeQueryError} on arguments that
 * could reach around that.
 */
export type UserDb = {
  readonly [
    M in Exclude<OwnedName, 'Change' | 'IdempotencyKey'> as Uncapitalize<M>
  ]: OwnedTableOf<M>;
} & {
  /** The log, which the database writes. */
  readonly change: Pick<OwnedTableOf<'Change'>, 'findFirst' | 'findMany'>;
  /** What calls were answered, by their keys. Transactions write it. */
  readonly idempotencyKey: Pick<OwnedTableOf<'IdempotencyKey'>, 'findFirst' | 'findMany'>;
  /**
   * Runs `work` in one transaction, which ends with its error if it throws. No other write of this
   * user runs meanwhile, so what it reads stays true until it ends. Within a transaction it is part
   * of that one.
   *
   * @param call makes its key part of it. Then it throws what {@link isKeyTaken} and
   *   {@link isWriteInFlight} tell, before `work` did anything.
   */
  transaction<Result>(
    work: (db: UserDb) => Promise<Result>,
    call?: KeyedCall<Result>,
  ): Promise<Result>;
  /** Runs `work`, which only reads, on the data as they are now, whatever is written meanwhile. */
  snapshot<Result>(work: (db: UserDb) => Promise<Result>): Promise<Result>;
  /** Gives many rows their order keys in one statement. */
  reorder(table: 'lists' | 'tasks', rows: { id: string; orderKey: string }[]): Promise<void>;
  /** The last revision there is; within a transaction that changed anything, its own. */
  revision(): Promise<bigint>;
  /** What the log has after a place in it, in its order, and the last revision there is then. */
  log(after: LogPlace, take: number): Promise<{ head: bigint; entries: LogEntry[] }>;
  /** Undoes a revision, in one statement; gives the revision that this makes. */
  undo(revision: bigint): Promise<bigint>;
};

/** An entry of the log, by revision and position within it. */
export interface LogPlace {
  revision: number;
  position: number;
}
export interface LogEntry extends LogPlace {
  entity: 'lists' | 'tasks';
  entityId: string;
}

/** A call that has one effect however often it is sent. */
export interface KeyedCall<Result> {
  key: string;
  /** Of what is called, and with what. */
  fingerprint: string;
  /** What is kept as its answer. */
  toAnswer(result: Result): string;
}

interface LogRow {
  head: bigint;
  /** Null where there is no entry. */
  revision: bigint | null;
  position: number;
  entity: LogEntry['entity'];
  entityId: string;
}
type OwnerScope = Scope & { ownerId: OwnerId };

/** The arguments with the owner. */
const owned = (model: OwnedModel, operation: Operation, args: Args, ownerId: OwnerId): Args => {
  const refuse = (what: string): never => {
    throw new UnsafeQueryError(`${model.name}.${operation}: ${what}`);
  };
  const names: readonly string[] = argumentNames;
  for (const name of Object.keys(args)) {
    if (!names.includes(name)) refuse(`${name} is not among ${names.join(', ')}`);
  }
  const { where, data, ...rest } = args;
  if (Object.hasOwn({ ...where, ...data }, 'ownerId')) {
    refuse('ownerId is set by the scope, not by the caller');
  }
  return operation === 'create'
    ? { ...rest, data: { ...data, ownerId } }
    : { ...rest, ...(data && { data }), where: { ...where, ownerId } };
};

type FoundRow = Fields & { id: string };
/** Which rows one turn of the event loop looks up by their ids. */
type Lookup = DataLoader<string, FoundRow | null>;

class OwnedTableOfScope {
  readonly model: OwnedModel;
  readonly pool: ScopedPool;
  readonly scope: OwnerScope;
  /** Of the scope, by table. */
  readonly #lookups: Map<OwnedModel, Lookup>;

  constructor(
    model: OwnedModel,
    { pool, scope, lookups }: Pick<ScopedUserDb, 'pool' | 'scope' | 'lookups'>,
  ) {
    this.model = model;
    this.pool = pool;
    this.scope = scope;
    this.#lookups = lookups;
  }

  async findUnique({ where }: { where: { id: string } }): Promise<FoundRow | null> {
    if (typeof where.id !== 'string' || Object.keys(where).length > 1) {
      throw new UnsafeQueryError(`${this.model.name}.findUnique: where is an id and nothing else`);
    }
    let lookup = this.#lookups.get(this.model);
    if (!lookup) {
      // A row is read anew each time: what keeps it from turn to turn would show what it was.
      lookup = new DataLoader((ids) => this.#lookUp(ids), { cache: false });
      this.#lookups.set(this.model, lookup);
    }
    return lookup.load(where.id);
  }

  async #lookUp(ids: readonly string[]): Promise<(FoundRow | null)[]> {
    const [id] = ids;
    if (ids.length === 1) {
      const row = await this.run('findFirst', { where: { id } });
      return [row as FoundRow | null];
    }
    const rows = (await this.run('findMany', { where: { id: { in: ids } } })) as FoundRow[];
    const found = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => found.get(id) ?? null);
  }

  async run(operation: Operation, args: Args): Promise<unknown> {
    const scopedArgs = owned(this.model, operation, args, this.scope.ownerId);
    const statement = ownedStatement(this.model, operation, scopedArgs);
    const { rows, rowCount } = await this.pool.run(this.scope, statement);
    if (operation === 'updateMany' || operation === 'deleteMany') return { count: rowCount ?? 0 };
    return operation === 'findFirst' || operation === 'create' ? (rows[0] ?? null) : rows;
  }
}
// One function per operation for the life of the process, so that a call's UserDb costs little.
for (const operation of operations) {
  Object.defineProperty(OwnedTableOfScope.prototype, operation, {
    value(this: OwnedTableOfScope, args: Args) {
      return this.run(operation, args);
    },
  });
}

const claimKey = (key: string): Prelude => ({
  name: 'claim_key',
  text: `select ${boundIdleTime}, claim_key($1)`,
  values: [key],
});
const keepAnswer = (key: string, fingerprint: string, answer: string): Prelude => ({
  name: 'keep_answer',
  text: `insert into idempotency_keys (owner_id, key, fingerprint, answer)
    values (current_owner(), $1, $2, $3)`,
  values: [key, fingerprint, answer],
});
const beginSnapshot: Prelude = { text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' };

const log = `select owners.revision as head, entry.* from owners left join lateral (
    select revision, position, entity, entity_id as "entityId" from changes
    where owner_id = owners.id and (revision, position) > ($2, $3)
    order by revision, position limit $4
  ) entry on true
  where owners.id = $1
  order by entry.revision, entry.position`;
const reorder = (table: 'lists' | 'tasks'): string => `update ${table} as sibling
  set order_key = given.key from unnest($2::uuid[], $3::text[]) as given(id, key)
  where sibling.owner_id = $1 and sibling.id = given.id`;
const undo = 'select undo_revision($1, $2) as revision';

class ScopedUserDb {
  readonly pool: ScopedPool;
  readonly scope: OwnerScope;
  readonly lookups = new Map<OwnedModel, Lookup>();

  constructor(pool: ScopedPool, scope: OwnerScope) {
    this.pool = pool;
    this.scope = scope;
  }

  transaction<Result>(
    work: (db: UserDb) => Promise<Result>,
    call?: KeyedCall<Result>,
  ): Promise<Result> {
    const opening = [begin, scopePrelude(this.scope), call ? claimKey(call.key) : keepLock];
    return this.#inTransaction(opening, work, (result) =>
      call ? [keepAnswer(call.key, call.fingerprint, call.toAnswer(result))] : [],
    );
  }

  snapshot<Result>(work: (db: UserDb) => Promise<Result>): Promise<Result> {
    return this.#inTransaction([beginSnapshot, scopePrelude(this.scope)], work);
  }

  #inTransaction<Result>(
    opening: Prelude[],
    work: (db: UserDb) => Promise<Result>,
    lastOf?: (result: Result) => Prelude[],
  ): Promise<Result> {
    if (this.scope.transaction) return work(this as unknown as UserDb);
    const WithTables = this.constructor as typeof ScopedUserDb;
    return this.pool.transact(
      opening,
      (transaction) => {
        const db = new WithTables(this.pool, { ...this.scope, transaction });
        return work(db as unknown as UserDb);
      },
      lastOf,
    );
  }

  async reorder(table: 'lists' | 'tasks', rows: { id: string; orderKey: string }[]): Promise<void> {
    const ids = rows.map((row) => row.id);
    const keys = rows.map((row) => row.orderKey);
    const values = [this.scope.ownerId, ids, keys];
    await this.pool.run(this.scope, { text: reorder(table), values });
  }

  async revision(): Promise<bigint> {
    return (await this.log({ revision: 0, position: 0 }, 0)).head;
  }

  async log(
    { revision, position }: LogPlace,
    take: number,
  ): Promise<{ head: bigint; entries: LogEntry[] }> {
    const values = [this.scope.ownerId, revision, position, take];
    const statement = { name: 'log', text: log, values, types: prismaTypes };
    const rows = (await this.pool.run(this.scope, statement)).rows as LogRow[];
    const entries = rows.flatMap(({ revision: of, position: at, entity, entityId }) =>
      of === null ? [] : [{ revision: Number(of), position: at, entity, entityId }],
    );
    return { head: rows[0]?.head ?? 0n, entries };
  }

  async undo(revision: bigint): Promise<bigint> {
    const values = [this.scope.ownerId, revision];
    const { rows } = await this.pool.run(this.scope, { text: undo, values, types: prismaTypes });
    const [made] = rows as { revision: bigint }[];
    if (!made) throw new Error('undo_revision gives a row.');
    return made.revision;
  }
}

/**
 * Makes users' databases. Throws {@link UnsafeQueryError} when a scope names no owner.
 *
 * @param models whose rows belong to users
 */
export function userDbs(models: OwnedModel[], pool: ScopedPool): (scope: Scope) => UserDb {
  class WithTables extends ScopedUserDb {}
  for (const model of models) {
    const key = `${model.name.charAt(0).toLowerCase()}${model.name.slice(1)}`;
    Object.defineProperty(WithTables.prototype, key, {
      get(this: ScopedUserDb) {
        return new OwnedTableOfScope(model, this);
      },
    });
  }
  return (scope) => {
    const { ownerId } = scope;
    if (!ownerId) throw new UnsafeQueryError('A user database needs an owner.');
    // Its tables are defined above from the models that the schema has.
    return new WithTables(pool, { ...scope, ownerId }) as unknown as UserDb;
  };
}
