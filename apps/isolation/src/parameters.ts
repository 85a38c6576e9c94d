import type { JsonSchema, Manifest, ManifestProcedure } from '@typedo/contract';

/** Where an input names something of a user's: an id, or a place in a list. */
export interface Parameter {
  kind: 'id' | 'cursor' | 'position';
  /** Whose plural stands first in a procedure's path: `tasks`. */
  noun: string;
  /** From the input to it; a number stands for a place in an array. */
  path: (string | number)[];
}

/** An input with a hole where a parameter is: what a call of the matrix is made of. */
export interface Case {
  procedure: ManifestProcedure;
  parameter: Parameter | undefined;
  /** The optional fields that it has beside the parameter's own. */
  fields: string[];
  /** Of the whole manifest. */
  nouns: ReadonlySet<string>;
}

/** What a caller has to fill an input with. */
export interface Filling {
  /** In each of their texts. */
  marker: string;
  /** The id of a thing of their own; `index` tells apart those in one array. */
  ownId: (noun: string, index: number) => string;
}

/** Strings and numbers that name nothing: anything else may be another's until it is said here. */
const plain = new Set([
  'title',
  'notes',
  'name',
  'password',
  'limit',
  'expectedVersion',
  // Of their own: each owner's are counted from 1.
  'revision',
]);
/** How many are put into an array, the parameter in each place once. */
const inArray = 3;

const nounOf = (path: string): string => path.split('.', 1)[0] ?? '';
const withoutNull = (schema: JsonSchema): JsonSchema[] => {
  const options = schema.anyOf ?? schema.oneOf;
  return options ? options.filter(({ type }) => type !== 'null') : [schema];
};

/** @throws when it is not known whether a field can name another's data */
function parameterAt(
  { path: procedure }: ManifestProcedure,
  schema: JsonSchema,
  path: (string | number)[],
  nouns: ReadonlySet<string>,
): Parameter | undefined {
  const name = path.findLast((key) => typeof key === 'string') ?? '';
  const isGiven = schema.const !== undefined || schema.enum !== undefined;
  if (isGiven || schema.type === 'boolean' || /^date(-time)?$/.test(schema.format ?? ''))
    return undefined;
  const own = nounOf(procedure);
  const noun = /^(id|ids|afterId)$/.test(name) ? own : `${name.replace(/Ids?$/, '')}s`;
  if (schema.format === 'uuid' && nouns.has(noun)) return { kind: 'id', noun, path };
  // The suite pushes commands of every kind by a face of its own; once.test.ts has another's key.
  if (procedure === 'sync.push') return undefined;
  // A place in the log names nothing of anybody: every user has it.
  if (name === 'cursor' && own === 'history') return undefined;
  if (name === 'cursor') return { kind: 'cursor', noun: own, path };
  // On the way through all rows it has the id of the last one.
  if (own === 'sync' && /^(since|lastEventId)$/.test(name))
    return { kind: 'position', noun: 'tasks', path };
  if (schema.format !== 'uuid' && plain.has(name)) return undefined;
  throw new Error(
    `${procedure}: whether ${path.join('.')} can name another's data is not known. ` +
      `Say so in apps/isolation/src/parameters.ts.`,
  );
}

/** Every id-bearing parameter of a procedure, nested ones and those in arrays included. */
function parametersOf(procedure: ManifestProcedure, nouns: ReadonlySet<string>): Parameter[] {
  const walk = (schema: JsonSchema, path: (string | number)[]): Parameter[] =>
    withoutNull(schema).flatMap((option) => {
      const { properties, items, additionalProperties } = option;
      if (properties && !additionalProperties) {
        return Object.entries(properties).flatMap(([name, field]) => walk(field, [...path, name]));
      }
      if (items && !option.enum) {
        return Array.from({ length: inArray }, (_, index) => walk(items, [...path, index])).flat();
      }
      return parameterAt(procedure, option, path, nouns) ?? [];
    });
  return walk(procedure.input, []);
}

/**
 * Every procedure with every parameter, alone and together with what else it can have. Changes that
 * name nothing come last: they can be of the whole account.
 */
export function casesOf({ procedures }: Manifest): Case[] {
  const nouns = new Set(procedures.map(({ path }) => nounOf(path)));
  const cases = procedures.flatMap((procedure) => {
    const { properties = {}, required = [] } = procedure.input;
    const optional = Object.keys(properties).filter(
      (name) => !required.includes(name) && name !== 'limit' && name !== 'cursor',
    );
    // Filters each lead to another order; what is written can be written all at once.
    const together = procedure.kind !== 'mutation' ? optional.map((name) => [name]) : [optional];
    const forms = [[], ...together.filter((fields) => fields.length > 0)];
    const parameters = parametersOf(procedure, nouns);
    return (parameters.length > 0 ? parameters : [undefined]).flatMap((parameter) =>
      forms.map((fields) => ({ procedure, parameter, fields, nouns })),
    );
  });
  const isOfAll = ({ parameter, procedure }: Case) => !parameter && procedure.kind === 'mutation';
  return [...cases.filter((one) => !isOfAll(one)), ...cases.filter(isOfAll)];
}

/** The input of a case, with a value where its parameter is. */
export function inputOf(
  { procedure, parameter, fields, nouns }: Case,
  { marker, ownId }: Filling,
  value: unknown,
): unknown {
  const fill = (schema: JsonSchema, path: (string | number)[]): unknown => {
    if (parameter && path.join() === parameter.path.join()) return value;
    const [option = {}] = withoutNull(schema);
    const { type, format, properties, items, required = [] } = option;
    if (option.const !== undefined) return option.const;
    if (option.enum) return option.enum[0];
    if (properties) {
      const isThere = (name: string) =>
        required.includes(name) ||
        (path.length === 0 && fields.includes(name)) ||
        (parameter?.path[path.length] === name &&
          path.every((key, i) => parameter.path[i] === key));
      const named = Object.entries(properties).filter(([name]) => isThere(name));
      return Object.fromEntries(named.map(([name, field]) => [name, fill(field, [...path, name])]));
    }
    if (items) {
      const length = items.enum ? 1 : inArray;
      return Array.from({ length }, (_, index) => fill(items, [...path, index]));
    }
    if (type === 'boolean') return true;
    if (type === 'integer') return option.minimum ?? 1;
    if (format === 'date') return '2026-12-24';
    if (format === 'date-time') return new Date('2099-01-01T00:00:00Z');
    const named = parameterAt(procedure, option, path, nouns);
    if (named?.kind === 'position') return '0';
    if (format !== 'uuid') return `${path.join('.')} of ${marker}`;
    const index = path.findLast((key) => typeof key === 'number') ?? 0;
    return ownId(named?.noun ?? '', index + (path.join() === 'id' ? 0 : 1));
  };
  const isEmpty = fields.length === 0 && parameter === undefined;
  const isOptional = (procedure.input.required ?? []).length === 0;
  return isEmpty && isOptional ? undefined : fill(procedure.input, []);
}
