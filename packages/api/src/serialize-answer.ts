import superjson, { type SuperJSONResult } from 'superjson';
import { toIso } from './iso-dates.ts';
import { type Fields, isPlain, mapFields } from './plain.ts';

/** Keys that are met again and again, and need neither superjson's escapes nor JSON's. */
const knownKeys = new Set<string>();
const maxKnownKeys = 1000;
// superjson refuses three names; and what begins with a digit, an object has before its other keys.
const isSimple = (key: string): boolean =>
  /^[a-z_]\w*$/i.test(key) && key !== '__proto__' && key !== 'constructor' && key !== 'prototype';
const isKnown = (key: string): boolean => {
  if (knownKeys.has(key)) return true;
  const isNew = isSimple(key);
  if (isNew && knownKeys.size < maxKnownKeys) knownKeys.add(key);
  return isNew;
};

/** Whether it is the same in JSON. */
const isItself = (value: unknown): boolean =>
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  value === null ||
  (Number.isFinite(value) && !Object.is(value, -0));

/** An answer as JSON has it, and superjson's annotations as the text that they are on the wire. */
interface Walked {
  json: unknown;
  annotations: string;
}

/**
 * What `superjson.serialize` makes of plain objects and arrays of texts, finite numbers, booleans,
 * nulls, dates and undefined; undefined of everything else, and where anything is met twice.
 * An object that has nothing to change is not copied, so the result is to be written, and not to be changed.
 */
function walk(answer: unknown): Walked | undefined {
  const seen = new Set<object>();
  let annotations = '';
  let isOdd = false;

  const annotate = (path: string, type: 'Date' | 'undefined'): void => {
    annotations += `${annotations && ','}"${path}":["${type}"]`;
  };
  const toJson = (value: unknown, path: string): unknown => {
    if (isItself(value)) return value;
    if (value === undefined) {
      annotate(path, 'undefined');
      return null;
    }
    const { size } = seen;
    if (typeof value !== 'object' || value === null || seen.add(value).size === size) {
      isOdd = true;
    } else if (value instanceof Date && !Number.isNaN(value.getTime())) {
      annotate(path, 'Date');
      return toIso(value);
    } else if (Array.isArray(value)) {
      return toItems(value, path && `${path}.`);
    } else if (isPlain(value)) {
      return toFields(value, path && `${path}.`);
    } else {
      isOdd = true;
    }
    return value;
  };
  const toItems = (items: unknown[], prefix: string): unknown[] => {
    // Fewer with holes, and more with properties of its own.
    if (Object.keys(items).length !== items.length) isOdd = true;
    return items.map((item, index) => {
      // An annotation of such a path would change places, were the array at the root.
      if (item === undefined || item instanceof Date) isOdd = true;
      return toJson(item, prefix + String(index));
    });
  };
  const toFields = (fields: Fields, prefix: string): Fields =>
    mapFields(fields, (value, key) => {
      if (!isKnown(key)) isOdd = true;
      return isItself(value) ? value : toJson(value, prefix + key);
    });
  if (typeof answer !== 'object' || answer === null || answer instanceof Date) return undefined;
  const json = toJson(answer, '');
  return isOdd ? undefined : { json, annotations };
}

/**
 * `superjson.serialize` for what answers are made of, in a fifth of its time: superjson keeps a path,
 * its parents and an identity of each value, and tries fourteen rules on it. Whatever else there is
 * is left to superjson: the JSON of both is the same to the letter.
 */
export function serializeAnswer(answer: unknown): SuperJSONResult {
  const walked = walk(answer);
  if (!walked) return superjson.serialize(answer);
  const { json, annotations } = walked;
  const values: unknown = annotations && JSON.parse(`{${annotations}}`);
  return (values ? { json, meta: { values, v: 1 } } : { json }) as SuperJSONResult;
}

/** The JSON of `superjson.serialize`, sooner than {@link serializeAnswer} and `JSON.stringify` give it. */
export function toSuperjsonText(answer: unknown): string {
  const walked = walk(answer);
  if (!walked) return JSON.stringify(superjson.serialize(answer));
  const { json, annotations } = walked;
  const meta = annotations && `,"meta":{"values":{${annotations}},"v":1}`;
  return `{"json":${JSON.stringify(json)}${meta}}`;
}
