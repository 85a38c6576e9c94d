import type { DueOnDate } from '@typedo/contract';
import { usageError } from './errors.ts';

/** `YYYY-MM-DD`, in this machine's time zone unless another is given. */
export const isoDay = (date: Date, timeZone?: string): string => {
  if (timeZone !== undefined) return date.toLocaleDateString('sv-SE', { timeZone });
  // Asked for each task of a table, for which Intl is slow.
  const [year, month, day] = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(String);
  return [year?.padStart(4, '0'), month?.padStart(2, '0'), day?.padStart(2, '0')].join('-');
};

/** `Fri 2026-11-27`. */
export const withWeekday = (day: string): string =>
  `${new Date(`${day}T12:00`).toLocaleDateString('en', { weekday: 'short' })} ${day}`;

/**
 * The day that somebody means by `tomorrow`, `next friday`, `in 3 days` or `24 dec`: the next such
 * day, in this machine's time zone. What looks like an ISO date is left for the service to judge.
 *
 * @throws CliError when it means no day
 */
export async function toDay(text: string): Promise<string> {
  if (/^\d{4}-\d\d-\d\d$/.test(text.trim())) return text.trim();
  // Large, and needed for words alone.
  const { casual } = await import('chrono-node/en');
  const [found, ...more] = casual.parse(text, new Date(), { forwardDate: true });
  const isWhole = found?.text.length === text.trim().length && more.length === 0;
  if (found && isWhole) return isoDay(found.date());
  throw usageError(
    `"${text}" is no day.`,
    'Give one such as 2026-12-24, tomorrow, friday, "in 3 days" or "24 dec".',
  );
}

export const toDue = async (text: string): Promise<DueOnDate> => ({
  kind: 'date',
  date: await toDay(text),
});
