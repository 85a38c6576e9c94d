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

/** Documents what cursors look like; a wrong one is told by what reads it. */
const cursorPattern = '^[A-Za-z0-9_-]+$';

/** How many of something a page may have, from 1 to `max`. */
export const limitSchema = (max: number, otherwise: number, things: string) =>
  z
    .int('Must be a whole number.')
    .min(1, 'Must be at least 1.')
    .max(max, `Must be at most ${max}.`)
    .optional()
    .describe(`How many ${things} at most; ${otherwise} when absent.`);

export const pageInputShape = {
  limit: limitSchema(limits.pageSize, limits.defaultPageSize, 'items'),
  cursor: z
    .string()
    .min(1, 'Must not be empty.')
    .max(limits.cursorLength, 'Is not a cursor of this service.')
    .optional()
    .describe('nextCursor of the page before, with the same filters.')
    .meta({ pattern: cursorPattern, examples: ['WyJvcmRlciIsImEwIl0'] }),
};

export const pageSchema = <Item>(item: Schema<Item>, title: string): Schema<Page<Item>> =>
  z
    .object({
      items: z.array(item).meta({ maxItems: limits.pageSize }),
      nextCursor: z
        .string()
        .meta({ maxLength: limits.cursorLength, pattern: cursorPattern })
        .nullable()
        .describe('Where the next page starts; null on the last.')
        .meta({ examples: [null] }),
    })
    .meta({ title, description: 'One page of a longer answer.' });
