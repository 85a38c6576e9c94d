import { z } from 'zod';
import type { Schema } from './schema.ts';

/** A calendar day, `YYYY-MM-DD`, without a time zone: it is that day wherever the user is. */
export const calendarDateSchema: Schema<string> = z.iso
  .date('Must be a calendar date, such as 2026-12-24.')
  .refine((date) => !date.startsWith('0000'), 'Must be a date from the year 1 on.')
  .describe('A calendar date, YYYY-MM-DD.')
  .meta({ examples: ['2026-12-24'] });

/** Due on a calendar day, at no time in particular. */
export interface DueOnDate {
  kind: 'date';
  date: string;
}
/** Due at a wall-clock time, wherever the user is then: `local` is `YYYY-MM-DDTHH:MM`. */
export interface DueFloating {
  kind: 'floating';
  local: string;
}
/** Due at one instant, shown in an IANA time zone. */
export interface DueZoned {
  kind: 'zoned';
  at: Date;
  timeZone: string;
}
/** When a task is due. Clients must expect every kind; the service stores `date` so far. */
export type Due = DueOnDate | DueFloating | DueZoned;

const dueOnDate = z.object({
  kind: z.literal('date', 'Must be "date": only calendar days can be set so far.'),
  date: calendarDateSchema,
});

export const dueSchema: Schema<Due> = z
  .discriminatedUnion('kind', [
    dueOnDate,
    z.object({
      kind: z.literal('floating'),
      local: z.string().meta({ maxLength: 16, pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d$' }),
    }),
    z.object({
      kind: z.literal('zoned'),
      at: z.date(),
      timeZone: z.string().meta({ maxLength: 64, pattern: '^[A-Za-z0-9_+/-]+$' }),
    }),
  ])
  .describe('When the task is due: a day, a wall-clock time, or an instant in a time zone.')
  .meta({ title: 'Due' });

/** The due that can be set: a calendar day. */
export const dueInput: Schema<DueOnDate> = dueOnDate
  .strict()
  .describe('A due day: { "kind": "date", "date": "2026-12-24" }.');
