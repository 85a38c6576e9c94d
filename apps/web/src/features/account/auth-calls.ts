import { outOfReach, type Refusal } from './refusals.ts';

const call = async (path: string, init?: RequestInit): Promise<Response | undefined> => {
  const answer = await fetch(`/api/auth${path}`, init).catch(() => undefined);
  if (answer?.status === 401) location.assign('/sign-in');
  return answer;
};

/** Posts to better-auth as the page's user; undefined when it was done. */
export async function postAuth(path: string, body: object = {}): Promise<Refusal | undefined> {
  const answer = await call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer) return outOfReach;
  if (answer.ok) return undefined;
  const { code = '' } = (await answer.json().catch(() => ({}))) as { code?: string };
  return { code, status: answer.status };
}

/** Ends one session of the user's; undefined when it was done. */
export async function endSession(id: string): Promise<Refusal | undefined> {
  const answer = await call('/list-sessions');
  if (!answer) return outOfReach;
  if (!answer.ok) return { code: '', status: answer.status };
  const sessions = (await answer.json()) as { id: string; token: string }[];
  const token = sessions.find((session) => session.id === id)?.token;
  // Not there any more: it has ended already.
  return token === undefined ? undefined : postAuth('/revoke-session', { token });
}
