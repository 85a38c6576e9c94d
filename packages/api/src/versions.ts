import { CatalogueError, type List, type Task } from '@typedo/contract';

/** The filter for the version that a row must still have; none where any will do. */
export const withVersion = (expectedVersion: number | undefined): { version?: number } =>
  expectedVersion === undefined ? {} : { version: expectedVersion };

/** The same as it is. @throws VERSION_CONFLICT, with it, when it has another version than expected */
export function requireVersion<Noun extends List | Task>(
  current: Noun,
  expectedVersion: number | undefined,
): Noun {
  if (expectedVersion === undefined || current.version === expectedVersion) return current;
  throw new CatalogueError('VERSION_CONFLICT', {
    message: `It has version ${current.version} by now, not ${expectedVersion}.`,
    current,
  });
}
