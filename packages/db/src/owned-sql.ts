import pg from 'pg';
import type { Prisma, PrismaClient } from './generated/client.ts';
import type { Statement } from './led-query.ts';

/** What can be done with rows of a user. */
export const operations = [
  'findFirst',
  'findMany',
  'create',
  'updateMany',
  'updateManyAndReturn',
  'deleteMany',
] as const;
export type Operation = (typeof operations)[number];

export type Fields = Record<string, unknown>;
/** Of Prisma's arguments those there are: what it adds to them can reach other rows and tables. */
export const argumentNames = ['where', 'data', 'select', 'orderBy', 'take'] as const;
export interface Args {
  where?: Fields;
  data?: Fields;
  select?: Fields;
  orderBy?: Fields | Fields[];
  take?: number;
}

/** A query that could leave its owner's rows: a mistake in the calling code, not in its input. */
export class UnsafeQueryError extends Error {
  override readonly name = 'UnsafeQueryError';
}

/** A model whose rows belong to a user, and where they are. */
export interface OwnedModel {
  name: Prisma.ModelName;
  table: string;
  /** Columns by field. */
  columns: Map<string, string>;
  /** All of them, as a row is read. */
  row: string;
  /** Fields that stand for a row of the same owner, which `<field>Id` names, and that row's model. */
  references: Map<string, OwnedModel>;
}

interface RuntimeField {
  name: string;
  kind: 'scalar' | 'enum' | 'object';
  type: string;
  dbName?: string;
}
interface RuntimeDataModel {
  models: Record<string, { dbName: string | null; fields: RuntimeField[] }>;
}

const rowOf = (columns: Iterable<[field: string, column: string]>): string =>
  [...columns].map(([field, column]) => `t.${column} as "${field}"`).join(', ');

/** The models with an `ownerId`, as the schema has them. Prisma, which is pinned, declares no type. */
export function ownedModels(client: PrismaClient): OwnedModel[] {
  const { models } = (client as unknown as { _runtimeDataModel: RuntimeDataModel })
    ._runtimeDataModel;
  const owned = new Map<string, OwnedModel>();
  for (const [name, { dbName, fields }] of Object.entries(models)) {
    if (!fields.some((field) => field.name === 'ownerId')) continue;
    const scalars = fields.filter(({ kind }) => kind !== 'object');
    const columns = new Map(scalars.map((field) => [field.name, field.dbName ?? field.name]));
    const table = dbName ?? name;
    const model = { name: name as Prisma.ModelName, table, columns, row: rowOf(columns) };
    owned.set(name, { ...model, references: new Map() });
  }
  for (const { name, columns, references } of owned.values()) {
    for (const field of models[name]?.fields ?? []) {
      const other = columns.has(`${field.name}Id`) && owned.get(field.type);
      if (other) references.set(field.name, other);
    }
  }
  return [...owned.values()];
}

const columnOf = ({ name, columns }: OwnedModel, field: string): string => {
  const column = columns.get(field);
  if (!column) throw new UnsafeQueryError(`${name} has no column for ${field}.`);
  return column;
};

type Bind = (value: unknown) => string;
const isScalar = (value: unknown): boolean =>
  typeof value !== 'object' || value instanceof Date || value instanceof Uint8Array;

/** A value as PostgreSQL reads it. Undefined would be no filter, or no change. */
const toParameter = (value: unknown): unknown => {
  if (value === undefined) throw new UnsafeQueryError('A value is undefined.');
  if (value instanceof Date) return value.toISOString();
  return value;
};

const operators = new Map([
  ['gt', '>'],
  ['gte', '>='],
  ['lt', '<'],
  ['lte', '<='],
  ['not', '<>'],
]);

const comparison = (column: string, filter: unknown, bind: Bind): string => {
  if (filter === null) return `${column} is null`;
  if (isScalar(filter)) return `${column} = ${bind(filter)}`;
  const conditions = Object.entries(filter as Fields).map(([name, value]) => {
    if (name === 'not' && value === null) return `${column} is not null`;
    if (name === 'in' && Array.isArray(value)) return `${column} = any(${bind(value)})`;
    const operator = operators.get(name);
    if (!operator || value === null || !isScalar(value)) {
      throw new UnsafeQueryError(`${column} cannot be compared by ${name}.`);
    }
    return `${column} ${operator} ${bind(value)}`;
  });
  return conditions.join(' and ') || 'true';
};

const condition = (model: OwnedModel, alias: string, where: Fields, bind: Bind): string => {
  const each = (filters: unknown): string[] =>
    [filters].flat().map((filter) => `(${condition(model, alias, filter as Fields, bind)})`);
  const conditions = Object.entries(where).map(([field, filter]) => {
    if (field === 'AND') return each(filter).join(' and ') || 'true';
    if (field === 'OR') return `(${each(filter).join(' or ') || 'false'})`;
    const column = model.columns.get(field);
    if (column) return comparison(`${alias}.${column}`, filter, bind);
    const other = model.references.get(field);
    const key = model.columns.get(`${field}Id`);
    const { is, ...rest } = filter as { is?: Fields };
    if (!other || !is || Object.keys(rest).length > 0) {
      throw new UnsafeQueryError(`${model.name} has no field ${field} to ask for.`);
    }
    return `exists (select from ${other.table} ${field} where ${field}.owner_id = ${alias}.owner_id
      and ${field}.id = ${alias}.${key} and ${condition(other, field, is, bind)})`;
  });
  return conditions.join(' and ') || 'true';
};

const order = (model: OwnedModel, orderBy: Args['orderBy'] = []): string => {
  const terms = [orderBy].flat().flatMap((fields) =>
    Object.entries(fields).map(([field, direction]) => {
      if (direction !== 'asc' && direction !== 'desc') {
        throw new UnsafeQueryError(`${model.name} cannot be sorted by ${field} so.`);
      }
      return `t.${columnOf(model, field)} ${direction}`;
    }),
  );
  return terms.length > 0 ? ` order by ${terms.join(', ')}` : '';
};

const set = (model: OwnedModel, data: Fields, bind: Bind): [column: string, value: string][] =>
  Object.entries(data).map(([field, value]) => {
    const column = columnOf(model, field);
    if (!isScalar(value) && value !== null && !Array.isArray(value)) {
      throw new UnsafeQueryError(`${model.name} cannot have its ${field} set so.`);
    }
    return [column, bind(value)];
  });

type Write = (model: OwnedModel, args: Args, bind: Bind) => string;

const find: Write = (model, { where = {}, select, orderBy }, bind) => {
  const row = select
    ? rowOf(Object.keys(select).map((field) => [field, columnOf(model, field)]))
    : model.row;
  return `select ${row} from ${model.table} t
    where ${condition(model, 't', where, bind)}${order(model, orderBy)}`;
};

const insert: Write = (model, { data = {} }, bind) => {
  const given = set(model, data, bind);
  const columns = given.map(([column]) => column).join(', ');
  const values = given.map(([, value]) => value).join(', ');
  return `insert into ${model.table} as t (${columns}) values (${values}) returning ${model.row}`;
};

const update: Write = (model, { where = {}, data = {} }, bind) => {
  const given = set(model, data, bind).map(([column, value]) => `${column} = ${value}`);
  const which = condition(model, 't', where, bind);
  return `update ${model.table} t set ${given.join(', ')} where ${which}`;
};

const writers: Record<Operation, Write> = {
  findFirst: (model, args, bind) => `${find(model, args, bind)} limit 1`,
  findMany: (model, args, bind) =>
    find(model, args, bind) + (args.take === undefined ? '' : ` limit ${bind(args.take)}`),
  create: insert,
  updateMany: update,
  updateManyAndReturn: (model, args, bind) => `${update(model, args, bind)} returning ${model.row}`,
  deleteMany: (model, { where = {} }, bind) =>
    `delete from ${model.table} t where ${condition(model, 't', where, bind)}`,
};

const { builtins } = pg.types;
const parseTimestamp = pg.types.getTypeParser(builtins.TIMESTAMPTZ) as (text: string) => Date;
const digit = (text: string, at: number): number => text.charCodeAt(at) - 48;
const twoDigits = (text: string, at: number): number => 10 * digit(text, at) + digit(text, at + 1);
/** Of a fraction of seconds, which PostgreSQL writes without zeros at its end. */
const millisecondsOf = (text: string): number => {
  const end = text.length - '+00'.length;
  let milliseconds = 0;
  for (let at = 20, worth = 100; at < end && worth >= 1; at += 1, worth /= 10) {
    milliseconds += worth * digit(text, at);
  }
  return milliseconds;
};
/** Whether it is written as nearly all are: `2026-12-24 18:00:00.123456+00`, with a fraction or none. */
const isUsual = (text: string): boolean =>
  text[0] !== '0' && text[4] === '-' && text[10] === ' ' && text.endsWith('+00');
/** pg reads any writing, by a regular expression, in ten times as long. */
const toDate = (text: string): Date =>
  isUsual(text)
    ? new Date(
        Date.UTC(
          100 * twoDigits(text, 0) + twoDigits(text, 2),
          twoDigits(text, 5) - 1,
          twoDigits(text, 8),
          twoDigits(text, 11),
          twoDigits(text, 14),
          twoDigits(text, 17),
          millisecondsOf(text),
        ),
      )
    : parseTimestamp(text);
/** Types of PostgreSQL that Prisma gives as others than pg does. */
const parsers = new Map<number, (text: string) => unknown>([
  [builtins.INT8, BigInt],
  [builtins.TIMESTAMPTZ, toDate],
  [builtins.DATE, (text) => new Date(`${text}T00:00:00Z`)],
]);
export const prismaTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => parsers.get(oid) ?? pg.types.getTypeParser(oid, format),
};

/** More shapes than the service has are a mistake, and no reason to keep them all. */
const maxNames = 1000;
const names = new Map<string, string>();

/** What a statement is prepared as: the same for the same text. */
const nameOf = (text: string): string | undefined => {
  const known = names.get(text);
  if (known !== undefined || names.size === maxNames) return known;
  const name = `owned_${names.size}`;
  names.set(text, name);
  return name;
};

/**
 * The statement of a query in Prisma's words, which gives what Prisma would: the part of its language
 * that this service uses, without what makes a query of a hundred microseconds from one of ten. Every
 * value is a parameter, so that there are as many texts as shapes.
 *
 * @throws UnsafeQueryError on anything else
 */
export function ownedStatement(model: OwnedModel, operation: Operation, args: Args): Statement {
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(toParameter(value))}`;
  const text = writers[operation](model, args, bind);
  return { name: nameOf(text), text, values, types: prismaTypes };
}
