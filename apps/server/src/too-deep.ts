import { CatalogueError, limits } from '@typedo/contract';

const [quote, backslash, bracket, brace, endBracket, endBrace] = Array.from('"\\[{]}', (char) =>
  char.charCodeAt(0),
);

/**
 * Refuses JSON with more objects and arrays within each other than any input has, before it is
 * parsed: a megabyte of brackets becomes fifty of objects.
 *
 * @throws MALFORMED_REQUEST
 */
export function requireShallow(json: string): void {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < json.length; at += 1) {
    const char = json.charCodeAt(at);
    if (char === quote) isInString = !isInString;
    else if (isInString) at += char === backslash ? 1 : 0;
    else if (char === bracket || char === brace) depth += 1;
    else if (char === endBracket || char === endBrace) depth -= 1;
    if (depth > limits.jsonDepth) {
      const message = `JSON may have ${limits.jsonDepth} objects and arrays within each other.`;
      throw new CatalogueError('MALFORMED_REQUEST', { message });
    }
  }
}
