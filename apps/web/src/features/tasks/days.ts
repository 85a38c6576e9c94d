/** Where the browser tells the server its IANA time zone. */
export const timeZoneCookie = 'time-zone';

/** In the browser. Not for the first paint: asking for the zone loads the browser's Intl, 30 ms. */
export function tellTimeZone(): void {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  document.cookie = `${timeZoneCookie}=${timeZone}; path=/; max-age=31536000; samesite=lax`;
}

/** An instant in a time zone, `YYYY-MM-DD hh:mm:ss`; in UTC where the zone is unknown. */
export function timeIn(timeZone: string | undefined, at: Date): string {
  try {
    return at.toLocaleString('sv-SE', { timeZone: timeZone ?? 'UTC' });
  } catch {
    return at.toISOString().slice(0, 19).replace('T', ' ');
  }
}

const dayMs = 24 * 60 * 60 * 1000;
const toUtc = (date: string): number => Date.parse(`${date}T00:00:00Z`);

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** A calendar date in words, as near to today as it is. */
export function dayInWords(date: string, today: string): string {
  const days = Math.round((toUtc(date) - toUtc(today)) / dayMs);
  if (days === 0) return 'Today';
  if (days === 1) return 'Tomorrow';
  if (days === -1) return 'Yesterday';
  // Not by Intl, which a browser takes 30 ms to load, for every page with a date on it.
  const [weekday = '', day, month, year] = new Date(toUtc(date)).toUTCString().split(/,? /);
  if (days > 1 && days < 7) return weekdays.find((name) => name.startsWith(weekday)) ?? weekday;
  return `${month} ${Number(day)}${date.slice(0, 4) === today.slice(0, 4) ? '' : `, ${year}`}`;
}
