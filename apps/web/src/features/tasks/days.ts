/** Where the browser tells the server its IANA time zone. */
export const timeZoneCookie = 'time-zone';

/** Today's calendar date in a time zone, `YYYY-MM-DD`; in UTC where the zone is unknown. */
export function todayIn(timeZone: string | undefined): string {
  try {
    return new Date().toLocaleDateString('sv-SE', { timeZone: timeZone ?? 'UTC' });
  } catch {
    return new Date().toISOString().slice(0, 10);
  }
}

const dayMs = 24 * 60 * 60 * 1000;
const toUtc = (date: string): number => Date.parse(`${date}T00:00:00Z`);

export const addDays = (date: string, days: number): string =>
  new Date(toUtc(date) + days * dayMs).toISOString().slice(0, 10);

/** A calendar date in words, as near to today as it is. */
export function dayInWords(date: string, today: string): string {
  const days = Math.round((toUtc(date) - toUtc(today)) / dayMs);
  if (days === 0) return 'Today';
  if (days === 1) return 'Tomorrow';
  if (days === -1) return 'Yesterday';
  const options: Intl.DateTimeFormatOptions =
    days > 1 && days < 7
      ? { weekday: 'long' }
      : {
          day: 'numeric',
          month: 'short',
          ...(date.slice(0, 4) !== today.slice(0, 4) && { year: 'numeric' }),
        };
  return new Intl.DateTimeFormat('en', { ...options, timeZone: 'UTC' }).format(toUtc(date));
}
