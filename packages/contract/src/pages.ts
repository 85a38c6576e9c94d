import { z } from 'zod';
import { limits } from './limits.ts';
import type { Schema } from './schema.ts';

/** One page of a longer answer. */
export interface Page<Item> {
  items: Item[];
  /** Where the next page starts; null on the last one. */
  nextCursor: string | null;
}

export interface PageInput {
  /** How many items at most; 50 when absent. */
  limit?: number | undefined;
  /** `nextCursor` of the page before, with the same filters. */
  cursor?: string | undefined;
}

export const pageInputShape = {
  limit: z
    .int('Must be a whole number.')
    .min(1, 'Must be at least 1.')
    .max(limits.pageSize, `Must be at most ${limits.pageSize}.`)
    .optional()
    .describe(`How many items at most; ${limits.defaultPageSize} when absent.`),
  cursor: z
    .string()
    .min(1, 'Must not be empty.')
    .max(limits.cursorLength, 'Is not a cursor of this service.')
    .optional()
    .describe('nextCursor of the page before, with the same filters.'),
};

export const pageSchema = <Item>(item: Schema<Item>): Schema<Page<Item>> =>
  z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().describe('Where the next page starts; null on the last.'),
  });
