import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { z } from 'zod';
import { apiUrl } from '../env.ts';
import { deviceName } from '../features/account/device.ts';
import { forwarded } from './typedo.ts';

/** Where a user is signed in. Its token stays on the server: it is as good as the password. */
export interface AccountSession {
  id: string;
  device: string;
  /** ISO 8601. */
  since: string;
  isCurrent: boolean;
}

const sessionsSchema = z.array(
  z.object({ id: z.string(), createdAt: z.iso.datetime(), userAgent: z.string().nullish() }),
);
const currentSchema = z.object({ session: z.object({ id: z.string() }) }).nullable();

/** A new cookie would be lost here, so the session must not be renewed. */
const ask = async (path: string): Promise<Response> =>
  fetch(`${apiUrl}/api/auth${path}?disableRefresh=true`, {
    headers: { cookie: (await cookies()).toString(), ...(await forwarded()) },
    cache: 'no-store',
  });

/** Which session the request at hand is of. */
export async function currentSessionId(): Promise<string | undefined> {
  const current = await ask('/get-session');
  if (!current.ok) throw new Error(`No session could be had: HTTP ${current.status}.`);
  return currentSchema.parse(await current.json())?.session.id;
}

/**
 * The sessions of the user of the request at hand, this one first and then the latest; undefined
 * when they signed in too long ago to be shown them.
 */
export async function listSessions(): Promise<AccountSession[] | undefined> {
  const [all, currentId] = await Promise.all([ask('/list-sessions'), currentSessionId()]);
  if (all.status === 401) redirect('/sign-in');
  if (all.status === 403) return undefined;
  if (!all.ok) throw new Error(`No sessions could be had: HTTP ${all.status}.`);
  return sessionsSchema
    .parse(await all.json())
    .map(({ id, createdAt, userAgent }) => ({
      id,
      device: deviceName(userAgent),
      since: createdAt,
      isCurrent: id === currentId,
    }))
    .toSorted(
      (a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.since.localeCompare(a.since),
    );
}
