import type { OwnerId } from '@typedo/contract';
import { Prisma, type PrismaClient } from './generated/client.ts';
import { type Scope, scopes } from './scope.ts';

/** Models whose rows belong to a user: those with an `ownerId`. */
type OwnedModel = {
  [M in Prisma.ModelName]: 'ownerId' extends keyof Prisma.TypeMap['model'][M]['payload']['scalars']
    ? M
    : never;
}[Prisma.ModelName];

/**
 * What can be done with rows of a user. Operations on a unique row are not among them: Prisma
 * answers several `findUnique` calls of one tick together, in the scope of the first.
 */
const operations = [
  'findFirst',
  'findMany',
  'create',
  'updateMany',
  'updateManyAndReturn',
  'deleteMany',
] as const;
type Operation = (typeof operations)[number];

type WithoutOwner<Fields> = Fields extends unknown
  ? Omit<Fields, 'ownerId'> & { ownerId?: never }
  : never;
type Argument<Delegate, O extends Operation | 'createMany', Name extends string> =
  Prisma.Args<Delegate, O> extends { [N in Name]?: infer Value } ? Value : never;
type Row<Delegate> = Exclude<Argument<Delegate, 'createMany', 'data'>, readonly unknown[]>;

/** The arguments there are: what Prisma adds to them can reach other rows and tables. */
const argumentNames = ['where', 'data', 'select', 'orderBy', 'take'] as const;

/** Prisma's arguments without the owner, which is put in for the caller, and without relations. */
type OwnedArgs<Delegate, O extends Operation> = Pick<
  Prisma.Args<Delegate, O>,
  keyof Prisma.Args<Delegate, O> & ('orderBy' | 'take')
> & {
  where?: WithoutOwner<NonNullable<Argument<Delegate, 'findMany', 'where'>>>;
  select?: { [Field in keyof Row<Delegate>]?: true };
} & (O extends 'create'
    ? { data: WithoutOwner<Row<Delegate>> }
    : O extends 'updateMany' | 'updateManyAndReturn'
      ? { data: WithoutOwner<Argument<Delegate, 'updateMany', 'data'>> }
      : unknown);

type OwnedDelegate<Delegate> = {
  [O in Operation]: <A extends OwnedArgs<Delegate, O>>(
    args: Prisma.Exact<A, OwnedArgs<Delegate, O>>,
  ) => Promise<Prisma.Result<Delegate, A, O>>;
};

/**
 * The database as one user has it: the owner is part of each query, whatever the caller asks for,
 * and row-level security sees to the same below. Throws {@link UnsafeQueryError} on arguments that
 * could reach around that.
 */
export type UserDb = {
  readonly [M in OwnedModel as Uncapitalize<M>]: OwnedDelegate<PrismaClient[Uncapitalize<M>]>;
} & {
  /**
   * Runs `work` in one transaction, which ends with its error if it throws. No other write of this
   * user runs meanwhile, so what it reads stays true until it ends.
   */
  transaction<Result>(work: (db: UserDb) => Promise<Result>): Promise<Result>;
  /** Gives many rows their order keys in one statement. */
  reorder(table: 'lists' | 'tasks', rows: { id: string; orderKey: string }[]): Promise<void>;
};

/** A query that could leave its owner's rows: a mistake in the calling code, not in its input. */
export class UnsafeQueryError extends Error {
  override readonly name = 'UnsafeQueryError';
}

type Fields = Record<string, unknown>;
type Args = { [Name in (typeof argumentNames)[number]]?: Fields };
type Delegate = Record<Operation, (args: Args) => Promise<unknown>>;
type Client = Record<string, Delegate>;
type OwnerScope = Scope & { ownerId: OwnerId };

const fieldsOf = (model: Prisma.ModelName): Fields => Prisma[`${model}ScalarFieldEnum`];
const ownedModels = Object.values(Prisma.ModelName).filter((model) => 'ownerId' in fieldsOf(model));

/** Prisma's arguments from the caller's, with the owner. */
const owned = (model: Prisma.ModelName, operation: Operation, args: Args, ownerId: OwnerId) => {
  const refuse = (what: string): never => {
    throw new UnsafeQueryError(`${model}.${operation}: ${what}`);
  };
  const names: readonly string[] = argumentNames;
  for (const name of Object.keys(args)) {
    if (!names.includes(name)) refuse(`${name} is not among ${names.join(', ')}`);
  }
  const { where, data, ...rest } = args;
  const scalars = fieldsOf(model);
  for (const field of Object.keys({ ...data, ...args.select })) {
    if (!Object.hasOwn(scalars, field)) refuse(`${field} reaches into another table`);
  }
  if (Object.hasOwn({ ...where, ...data }, 'ownerId')) {
    refuse('ownerId is set by the scope, not by the caller');
  }
  return operation === 'create'
    ? { ...rest, data: { ...data, ownerId } }
    : { ...rest, ...(data && { data }), where: { ...where, ownerId } };
};

class OwnedModelDelegate {
  readonly model: Prisma.ModelName;
  readonly delegate: Delegate;
  readonly scope: OwnerScope;

  constructor(model: Prisma.ModelName, delegate: Delegate, scope: OwnerScope) {
    this.model = model;
    this.delegate = delegate;
    this.scope = scope;
  }

  run(operation: Operation, args: Args): Promise<unknown> {
    const scopedArgs = owned(this.model, operation, args, this.scope.ownerId);
    // Prisma's promises are lazy: what is not awaited inside would start outside the scope.
    return scopes.run(this.scope, async () => await this.delegate[operation](scopedArgs));
  }
}
// One function per operation for the life of the process, so that a call's UserDb costs little.
for (const operation of operations) {
  Object.defineProperty(OwnedModelDelegate.prototype, operation, {
    value(this: OwnedModelDelegate, args: Args) {
      return this.run(operation, args);
    },
  });
}

class ScopedUserDb {
  readonly client: PrismaClient;
  readonly scope: OwnerScope;

  constructor(client: PrismaClient, scope: OwnerScope) {
    this.client = client;
    this.scope = scope;
  }

  transaction<Result>(work: (db: UserDb) => Promise<Result>): Promise<Result> {
    return scopes.run(
      this.scope,
      async () =>
        await this.client.$transaction(async (tx) => {
          await tx.$executeRaw`select lock_owner()`;
          return work(new ScopedUserDb(tx as PrismaClient, this.scope) as unknown as UserDb);
        }),
    );
  }

  reorder(table: 'lists' | 'tasks', rows: { id: string; orderKey: string }[]): Promise<void> {
    const ids = rows.map((row) => row.id);
    const keys = rows.map((row) => row.orderKey);
    return scopes.run(this.scope, async () => {
      await this.client.$executeRaw`
        update ${Prisma.raw(table)} as sibling set order_key = given.key
        from unnest(${ids}::uuid[], ${keys}::text[]) as given(id, key)
        where sibling.owner_id = ${this.scope.ownerId}::uuid and sibling.id = given.id`;
    });
  }
}
for (const model of ownedModels) {
  const key = `${model.charAt(0).toLowerCase()}${model.slice(1)}`;
  Object.defineProperty(ScopedUserDb.prototype, key, {
    get(this: ScopedUserDb) {
      const delegate = (this.client as unknown as Client)[key];
      return delegate && new OwnedModelDelegate(model, delegate, this.scope);
    },
  });
}

/** See {@link UserDb}. Throws {@link UnsafeQueryError} when the scope names no owner. */
export function userDb(client: PrismaClient, scope: Scope): UserDb {
  const { ownerId } = scope;
  if (!ownerId) throw new UnsafeQueryError('A user database needs an owner.');
  // The members are defined above from the models that the schema has.
  return new ScopedUserDb(client, { ...scope, ownerId }) as unknown as UserDb;
}
