import { CatalogueError } from '@typedo/contract';
import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing';

/** A row among others of one user-made order. */
export interface Sibling {
  id: string;
  orderKey: string;
}

/** The rows that one order is made of, whatever table they are in. */
export interface Siblings {
  /** The first in a direction, beyond `after` when given, but never the one with the id `except`. */
  next(
    direction: 'asc' | 'desc',
    from?: { after?: Sibling; except?: string },
  ): Promise<Sibling | null>;
  find(id: string): Promise<Sibling | null>;
  all(): Promise<Sibling[]>;
  reorder(rows: Sibling[]): Promise<void>;
}

/**
 * Inserting again and again at one place makes keys longer each time; from here on all keys of the
 * order are made anew.
 */
const maxKeyLength = 64;

/**
 * The order key that puts a row right after `afterId`: at the top when that is null, at the end
 * when it is absent.
 *
 * @param movedId the row itself, when it is in this order already
 * @throws VALIDATION_FAILED naming `afterId` when no such row is in the order
 */
export async function orderKeyAfter(
  siblings: Siblings,
  afterId: string | null | undefined,
  movedId?: string,
): Promise<string> {
  const except = movedId === undefined ? {} : { except: movedId };
  const between = async (): Promise<string | undefined> => {
    if (afterId === undefined) {
      const last = await siblings.next('desc', except);
      return generateKeyBetween(last?.orderKey ?? null, null);
    }
    const after = afterId === null ? null : await siblings.find(afterId);
    if (afterId !== null && (!after || afterId === movedId)) throw unknownSibling();
    const next = await siblings.next('asc', after ? { ...except, after } : except);
    // Two rows made at the same moment may have one key, and nothing fits between those.
    if (after && next && after.orderKey === next.orderKey) return undefined;
    return generateKeyBetween(after?.orderKey ?? null, next?.orderKey ?? null);
  };

  const key = await between();
  if (key !== undefined && key.length <= maxKeyLength) return key;
  const rows = await siblings.all();
  const keys = generateNKeysBetween(null, null, rows.length);
  await siblings.reorder(rows.map(({ id }, index) => ({ id, orderKey: keys[index] ?? '' })));
  const rebalanced = await between();
  if (rebalanced === undefined) throw new Error('Two rows have one order key after rebalancing.');
  return rebalanced;
}

const unknownSibling = () =>
  new CatalogueError('VALIDATION_FAILED', {
    message: 'Not valid: afterId.',
    issues: [{ path: ['afterId'], message: 'Names nothing to come after here.' }],
  });
