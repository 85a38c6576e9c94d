import { isPlain, mapFields } from './plain.ts';

const digits = (count: number, length: number): string[] =>
  Array.from({ length: count }, (_, number) => String(number).padStart(length, '0'));

const dayMs = 86_400_000;
const minuteMs = 60_000;
const minutes = digits(24, 2).flatMap((hour) =>
  digits(60, 2).map((minute) => `${hour}:${minute}:`),
);
const seconds = digits(60, 2);
const milliseconds = digits(1000, 3).map((millisecond) => `.${millisecond}Z`);

/** Days that were written last, as they begin: `2026-12-24T`. */
const cachedDays = 256;
const days = Array.from({ length: cachedDays }, () => Number.NaN);
const begins = Array.from({ length: cachedDays }, () => '');

/** `date.toISOString()` of four digits' years, and of others by itself; in a fifth of its time. */
export function toIso(date: Date): string {
  const ms = date.getTime();
  const day = Math.floor(ms / dayMs);
  const slot = day & (cachedDays - 1);
  if (days[slot] !== day) {
    const text = date.toISOString();
    if (text.length !== '2026-12-24T00:00:00.000Z'.length) return text;
    days[slot] = day;
    begins[slot] = text.slice(0, '2026-12-24T'.length);
  }
  const ofDay = ms - day * dayMs;
  const minute = Math.floor(ofDay / minuteMs);
  const ofMinute = ofDay - minute * minuteMs;
  const second = Math.floor(ofMinute / 1000);
  // The last two first: what is shorter than 13 letters, V8 copies at once.
  const end = `${seconds[second]}${milliseconds[ofMinute - second * 1000]}`;
  return `${begins[slot]}${minutes[minute]}${end}`;
}

/**
 * The JSON of an answer, as `JSON.stringify` writes it. Of a page of 20 tasks that spends three
 * quarters of its time on dates, of which it asks each for its text by two calls.
 */
export const toJsonText = (answer: unknown): string => JSON.stringify(withoutDates(answer));

function withoutDates(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : toIso(value);
  if (Array.isArray(value)) return value.map(withoutDates);
  return isPlain(value) ? mapFields(value, withoutDates) : value;
}
