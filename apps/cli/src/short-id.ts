import { usageError } from './errors.ts';

/**
 * The ends of UUIDv7s are random and their beginnings are the time, alike for all that were made
 * together; so people get to see and type the end.
 */
const minLength = 4;

const bare = (id: string): string => id.replaceAll('-', '').toLowerCase();

/** Shortens ids to as few characters of their ends as tell these apart. */
export function shortener(ids: readonly string[]): (id: string) => string {
  const whole = [...new Set(ids.map(bare))];
  let length = minLength;
  while (new Set(whole.map((id) => id.slice(-length))).size < whole.length) length += 1;
  return (id) => bare(id).slice(-length);
}

export const isShortId = (text: string): boolean =>
  /^[0-9a-f]+$/.test(bare(text)) && bare(text).length >= minLength;

/** @throws CliError when it is not even the end of an id */
export function requireShortId(text: string): string {
  if (isShortId(text)) return bare(text);
  throw usageError(
    `"${text}" is no id.`,
    `Give an id, or at least ${minLength} characters of its end: typedo list shows them.`,
  );
}

/** Whether it looks like a whole id; the service judges. */
export const isWholeId = (text: string): boolean =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

export const endsIn = (id: string, end: string): boolean => bare(id).endsWith(bare(end));
