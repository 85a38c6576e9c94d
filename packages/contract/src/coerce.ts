import type { JsonSchema } from './manifest.ts';

/** @see https://www.rfc-editor.org/rfc/rfc3339#section-5.6 */
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
const number = /^-?(0|[1-9]\d*)(\.\d+)?$/;

const alternatives = (schema: JsonSchema): JsonSchema[] =>
  [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap(alternatives).concat(schema);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The alternatives of a union that an object's tags do not rule out. */
const fits = ({ properties = {} }: JsonSchema, value: Record<string, unknown>): boolean =>
  Object.entries(properties).every(
    ([key, property]) => property.const === undefined || property.const === value[key],
  );

/**
 * A value of JSON as its schema's type has it: instants, which JSON has no type for, become dates.
 * What does not fit is left as it is, for the schema itself to refuse.
 */
export function fromJson(schema: JsonSchema, value: unknown): unknown {
  const options = alternatives(schema);
  if (typeof value === 'string') {
    const isDate = options.some(({ format }) => format === 'date-time') && instant.test(value);
    const date = new Date(isDate ? value : Number.NaN);
    return Number.isNaN(date.getTime()) ? value : date;
  }
  if (Array.isArray(value)) {
    const items = options.find((option) => option.items)?.items;
    return items ? value.map((item) => fromJson(items, item)) : value;
  }
  if (!isObject(value)) return value;
  const properties = options
    .filter((option) => fits(option, value))
    .flatMap((option) => Object.entries(option.properties ?? {}));
  const known = new Map(properties);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const property = known.get(key);
      return [key, property ? fromJson(property, item) : item];
    }),
  );
}

/**
 * What a text of an address or a command line stands for, by its schema's type: `5`, `true`, `null`,
 * an instant, or JSON where the schema has objects or arrays. What fits no type is left as it is,
 * for the schema itself to refuse.
 */
export function fromText(schema: JsonSchema, text: string): unknown {
  const types = new Set(alternatives(schema).flatMap(({ type }) => type));
  if (text === 'null' && types.has('null')) return null;
  if ((types.has('number') || types.has('integer')) && number.test(text)) return Number(text);
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if ((types.has('object') || types.has('array')) && /^\s*[[{]/.test(text)) {
    try {
      return fromJson(schema, JSON.parse(text));
    } catch {
      return text;
    }
  }
  return fromJson(schema, text);
}
