import type { JsonSchema } from './description.ts';

/*
 * JSON with room for what JSON lacks: an object of one key that starts with `$`. So the form, the
 * JSON editor, saved calls and links all speak of one value. MongoDB's Extended JSON reads alike.
 * What was typed and is not JSON is `$json`, which is no value until it is mended.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A value that cannot be what its tag says it is. */
export class TaggedError extends Error {
  override readonly name = 'TaggedError';
  /** Where in the value. */
  readonly path: (string | number)[];
  constructor(message: string, path: (string | number)[]) {
    super(message);
    this.path = path;
  }
}

/** JSON that means what it says: a number too large for JavaScript would become another. */
export const parseJson = (text: string): Json =>
  JSON.parse(text, (_key, value: Json) => {
    if (value === Infinity || value === -Infinity) throw new SyntaxError('A number is too large.');
    return value;
  }) as Json;

/** Why a text is no JSON. */
export const problemOf = (text: string): string => {
  try {
    parseJson(text);
    return 'Is JSON.';
  } catch (error) {
    return `Is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
};

const textOf = (held: Json): string => (typeof held === 'string' ? held : JSON.stringify(held));

type Path = (string | number)[];
type Reader = (held: Json, path: Path) => unknown;

const listOf = (held: Json, path: Path): Json[] => {
  if (!Array.isArray(held)) throw new TaggedError('Is not a list.', path);
  return held;
};

/** As ISO 8601 writes an instant: what else `Date` would read, it reads in its own way. */
const instant = /^[+-]?\d{4,6}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

const readers: Record<string, Reader> = {
  $date(held, path) {
    const date = new Date(textOf(held));
    if (!instant.test(textOf(held)) || Number.isNaN(date.getTime())) {
      throw new TaggedError('Is no date such as 2026-12-24T18:00:00Z.', path);
    }
    return date;
  },
  $bigint(held, path) {
    const text = textOf(held);
    if (!/^-?\d+$/.test(text)) throw new TaggedError(`${text} is no whole number.`, path);
    return BigInt(text);
  },
  $json(held, path) {
    throw new TaggedError(problemOf(textOf(held)), path);
  },
  $number: (held) => Number(held),
  $undefined: () => undefined,
  $set: (held, path) =>
    new Set(listOf(held, path).map((item, index) => fromTagged(item, [...path, index]))),
  $map: (held, path) =>
    new Map(
      listOf(held, path).map((entry, index) => {
        const [key = null, value = null] = listOf(entry, [...path, index]);
        return [fromTagged(key, [...path, index]), fromTagged(value, [...path, index])];
      }),
    ),
};

/** The tag of a value that JSON lacks. */
export function tagOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const [key, ...others] = Object.keys(value);
  return key !== undefined && others.length === 0 && Object.hasOwn(readers, key) ? key : undefined;
}

/** The value that tagged JSON stands for. @throws TaggedError */
export function fromTagged(json: Json, path: Path = []): unknown {
  if (Array.isArray(json)) return json.map((item, index) => fromTagged(item, [...path, index]));
  if (typeof json !== 'object' || json === null) return json;
  const tag = tagOf(json);
  if (tag !== undefined) return readers[tag]?.(json[tag] ?? null, path);
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [key, fromTagged(value, [...path, key])]),
  );
}

/** A value as tagged JSON. */
export function toTagged(value: unknown): Json {
  if (value === undefined) return { $undefined: true };
  if (typeof value === 'bigint') return { $bigint: String(value) };
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) };
  if (value instanceof Date) {
    return { $date: Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString() };
  }
  if (value instanceof Set) return { $set: [...value].map(toTagged) };
  if (value instanceof Map) {
    return { $map: [...value].map(([key, one]) => [toTagged(key), toTagged(one)]) };
  }
  if (Array.isArray(value)) return value.map(toTagged);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toTagged(one)]));
  }
  // What a function or a symbol is, no JSON can say.
  return typeof value === 'function' || typeof value === 'symbol' ? null : (value as Json);
}

/** The schema of a value under its tag. */
export const taggedSchema = (tag: string, held: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: { [tag]: held },
  required: [tag],
  additionalProperties: false,
});
