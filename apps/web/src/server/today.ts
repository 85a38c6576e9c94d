import { cookies } from 'next/headers';
import { timeIn, timeZoneCookie } from '../features/tasks/days.ts';

/** The user's IANA time zone, once their browser has told it. */
export const timeZone = async (): Promise<string | undefined> =>
  (await cookies()).get(timeZoneCookie)?.value;

/** The user's calendar date, in their zone or in UTC. */
export const today = async (): Promise<string> => timeIn(await timeZone(), new Date()).slice(0, 10);
