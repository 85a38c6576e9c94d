import type { RJSFSchema } from '@rjsf/utils';
import { type Json, tagOf } from '../src/tagged.ts';

/** The tag that a schema's values carry, when they are of a kind that JSON lacks. */
export function tagOfSchema(schema: RJSFSchema): string | undefined {
  const [only, ...others] = schema.required ?? [];
  return only?.startsWith('$') && others.length === 0 && schema.additionalProperties === false
    ? only
    : undefined;
}

const typeOf = (value: Json): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
};

/** Whether a form for the schema could show the value at all, right or wrong. */
export function canShow(schema: RJSFSchema, value: Json | undefined): boolean {
  if (tagOf(value) === '$json') return false;
  if (value === undefined || schema.anyOf || schema.oneOf) return true;
  if (schema.const !== undefined) return schema.const === value;
  if (schema.enum) return schema.enum.includes(value);
  const type = typeOf(value);
  const types = [schema.type ?? (schema.properties ? 'object' : type)].flat();
  if (types.includes('integer') && type === 'number') return true;
  return types.some((one) => one === type);
}

/** Whether the schema says nothing of its values. */
export const isOpen = (schema: RJSFSchema): boolean =>
  !['type', 'const', 'enum', 'anyOf', 'oneOf', 'allOf', 'properties', '$ref', 'if'].some(
    (keyword) => keyword in schema,
  );

/** A schema of several types as a choice between them. */
export function asUnion(schema: RJSFSchema): RJSFSchema {
  const { type, ...others } = schema;
  if (!Array.isArray(type)) return schema;
  const { title, description, ...limits } = others;
  const anyOf = type.map((one) => (one === 'null' ? { type: one } : { ...limits, type: one }));
  return { ...(title && { title }), ...(description && { description }), anyOf };
}

const words: Record<string, string> = {
  string: 'text',
  integer: 'whole number',
  array: 'list',
  boolean: 'true or false',
};
const tagWords: Record<string, string> = {
  $date: 'date',
  $bigint: 'big integer',
  $map: 'map',
  $set: 'set',
  $number: 'not a number',
  $undefined: 'undefined',
};

/** What one of several schemas is called: by its title, what tells it apart, or its type. */
export function nameOfVariant(schema: RJSFSchema): string {
  if (schema.title) return schema.title;
  const tag = tagOfSchema(schema);
  if (tag !== undefined) return tagWords[tag] ?? tag;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const constants = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    typeof property === 'object' && property.const !== undefined
      ? [`${name}: ${JSON.stringify(property.const)}`]
      : [],
  );
  if (constants.length > 0) return constants.join(', ');
  const fields = Object.keys(schema.properties ?? {});
  if (fields.length > 0) return `{ ${fields.join(', ')} }`;
  const type = [schema.type ?? 'anything'].flat().join(' or ');
  return words[type] ?? type;
}

/** What a variant's value is as soon as it is chosen: no more than it cannot do without. */
export function startOf(schema: RJSFSchema): Json | undefined {
  if (schema.const !== undefined) return schema.const;
  if (schema.type === 'null') return null;
  if (schema.type === 'array') return [];
  const tag = tagOfSchema(schema);
  if (tag === '$map' || tag === '$set') return { [tag]: [] };
  if (tag === '$number') return { $number: 'NaN' };
  if (tag === '$undefined') return { $undefined: true };
  if (tag !== undefined || schema.type !== 'object') return undefined;
  const constants = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    typeof property === 'object' && property.const !== undefined
      ? [[name, property.const] as const]
      : [],
  );
  return Object.fromEntries(constants);
}
