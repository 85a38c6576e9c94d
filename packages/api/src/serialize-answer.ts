import superjson, { type SuperJSONResult } from 'superjson';

type Fields = Record<string, unknown>;
type Annotations = Record<string, readonly [type: 'Date' | 'undefined']>;

/** What superjson refuses. */
const isForbidden = (key: string): boolean =>
  key === '__proto__' || key === 'constructor' || key === 'prototype';
/** What superjson escapes in a path. */
const needsEscape = (key: string): boolean => key.includes('.') || key.includes('\\');
/** What an object has before its other keys, wherever it is put: a path of one would change places. */
const isIndex = (key: string): boolean => /^\d/.test(key);

const isWalked = (value: object): boolean => {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/**
 * `superjson.serialize` for what answers are made of: plain objects and arrays of texts, finite
 * numbers, booleans, nulls, dates and undefined. Everything else, and whatever is met twice, is left
 * to superjson: the JSON of both is the same to the letter.
 *
 * superjson keeps a path, its parents and an identity of each value, and tries fourteen rules on it:
 * for a page of 20 tasks a sixth of all that the call costs. This takes a quarter of it.
 * What has nothing to change is not copied, so the result is to be written, and not to be changed.
 */
export function serializeAnswer(answer: unknown): SuperJSONResult {
  const values: Annotations = {};
  const seen = new Set<object>();
  let isOdd = false;
  let isAnnotated = false;

  const isRepeated = (value: object): boolean => {
    const { size } = seen;
    return seen.add(value).size === size;
  };
  const annotate = (path: string, key: string, type: Annotations[string]): void => {
    if (needsEscape(key) || isIndex(key)) isOdd = true;
    values[path + key] = type;
    isAnnotated = true;
  };
  const toJson = (value: unknown, path: string, key: string): unknown => {
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
    if (typeof value === 'number') {
      if (!Number.isFinite(value) || Object.is(value, -0)) isOdd = true;
    } else if (value === undefined) {
      annotate(path, key, ['undefined']);
      return null;
    } else if (typeof value !== 'object' || isRepeated(value)) {
      isOdd = true;
    } else if (value instanceof Date) {
      annotate(path, key, ['Date']);
      // An invalid one is JSON's null.
      if (Number.isNaN(value.getTime())) isOdd = true;
      else return value.toISOString();
    } else if (isWalked(value) && !needsEscape(key)) {
      return walk(value as Fields, `${path}${key}.`);
    } else {
      isOdd = true;
    }
    return value;
  };
  const walk = (fields: Fields, path: string): Fields => {
    let copy = fields;
    // A hole, too, is undefined to it.
    if (Array.isArray(fields) && fields.includes(undefined)) isOdd = true;
    for (const key of Object.keys(fields)) {
      if (isForbidden(key)) isOdd = true;
      const value = fields[key];
      const json = toJson(value, path, key);
      if (json === value) continue;
      if (copy === fields) copy = (Array.isArray(fields) ? [...fields] : { ...fields }) as Fields;
      copy[key] = json;
    }
    return copy;
  };

  if (typeof answer !== 'object' || answer === null || !isWalked(answer)) {
    return superjson.serialize(answer);
  }
  seen.add(answer);
  const json = walk(answer as Fields, '');
  if (isOdd) return superjson.serialize(answer);
  return (isAnnotated ? { json, meta: { values, v: 1 } } : { json }) as SuperJSONResult;
}
