import { CatalogueError } from '@typedo/contract';
import { z } from 'zod';

/**
 * A place in a sequence sorted by columns that together are unique: what comes next is what sorts
 * after these values, so that rows added or removed before it neither repeat nor hide any.
 *
 * @see https://use-the-index-luke.com/no-offset
 */
export interface Sequence {
  /** Names the sequence in its cursors: a cursor of another one is refused. */
  name: string;
  direction: 'asc' | 'desc';
  /** What it is sorted by, most significant first. Rows have a value in each. */
  columns: { field: string; type: keyof typeof columnTypes }[];
}

/** What a cursor holds of a column, and the value that the column is compared with. */
const columnTypes = {
  id: z.uuid(),
  count: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
  key: z.string().max(100),
  orderKey: z.string().regex(/^[0-9A-Za-z]{1,200}$/),
  date: z.iso
    .datetime()
    .refine((text) => !text.startsWith('0000'))
    .transform((text) => new Date(text)),
};
const wireCursor = z.tuple([z.string()], z.string());

export const orderBy = ({ columns, direction }: Sequence) =>
  columns.map(({ field }) => ({ [field]: direction }));

function encodeCursor({ name, columns }: Sequence, row: object): string {
  const values = columns.map(({ field }): unknown => {
    const value: unknown = Reflect.get(row, field);
    return typeof value === 'bigint' || typeof value === 'number' ? String(value) : value;
  });
  return Buffer.from(JSON.stringify([name, ...values])).toString('base64url');
}

/** The filter for what comes after `cursor`. @throws VALIDATION_FAILED when it is none of this sequence */
export function afterCursor({ name, columns, direction }: Sequence, cursor: string): object {
  const [cursorName, ...values] = parse(cursor);
  if (cursorName !== name || values.length !== columns.length) {
    throw invalidCursor('Belongs to a list with other filters.');
  }
  const keys = columns.map(({ field, type }, index) => {
    const { data: value } = columnTypes[type].safeParse(values[index]);
    if (value === undefined) throw invalidCursor();
    return { field, value };
  });
  const beyond = direction === 'asc' ? 'gt' : 'lt';
  const after = keys.reduceRight<object | undefined>((rest, { field, value }) => {
    const isBeyond = { [field]: { [beyond]: value } };
    return rest ? { OR: [isBeyond, { [field]: value, ...rest }] } : isBeyond;
  }, undefined);
  const [first] = keys;
  // Implied by the rest, but PostgreSQL finds the place in an index only by a plain bound.
  const bound = first && { [first.field]: { [`${beyond}e`]: first.value } };
  return { AND: [bound ?? {}, after ?? {}] };
}

const parse = (cursor: string): [string, ...string[]] => {
  try {
    const bytes = Buffer.from(cursor, 'base64url');
    // It reads past what is not base64url: more than one text would stand for the same place.
    if (bytes.toString('base64url') !== cursor) throw new Error('not base64url');
    return wireCursor.parse(JSON.parse(bytes.toString()));
  } catch (error) {
    throw invalidCursor('Is not a cursor of this service.', error);
  }
};

const invalidCursor = (message = 'Is not a cursor of this service.', cause?: unknown) =>
  new CatalogueError('VALIDATION_FAILED', {
    message: 'Not valid: cursor.',
    issues: [{ path: ['cursor'], message }],
    cause,
  });

/** One page of `rows`, which were asked for one more than `limit` to see whether another follows. */
export function toPage<Row extends object, Item>(
  sequence: Sequence,
  rows: Row[],
  limit: number,
  toItem: (row: Row) => Item,
): { items: Item[]; nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items: page.map(toItem), nextCursor: hasMore ? encodeCursor(sequence, last) : null };
}
