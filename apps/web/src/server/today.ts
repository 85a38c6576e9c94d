import { cookies } from 'next/headers';
import { timeZoneCookie, todayIn } from '../features/tasks/days.ts';

/** The user's calendar date: in the zone that their browser told, or UTC before it has. */
export const today = async (): Promise<string> =>
  todayIn((await cookies()).get(timeZoneCookie)?.value);
