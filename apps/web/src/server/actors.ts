import { limits } from '@typedo/client';
import { currentSessionId, listSessions } from './sessions.ts';
import { typedo, whenReachable } from './typedo.ts';

/** What acts for the user, by what the log calls it, in the words of the settings. */
export async function actorNames(): Promise<Record<string, string>> {
  const [tokens, sessions, currentId] = await Promise.all([
    whenReachable(async () => (await typedo()).tokens.list.query({ limit: limits.tokens })),
    whenReachable(listSessions),
    whenReachable(currentSessionId),
  ]);
  return Object.fromEntries([
    ...(tokens?.items ?? []).map(({ id, name }) => [`token:${id}`, `Token “${name}”`]),
    ...(sessions ?? []).map(({ id, device }) => [`session:${id}`, device]),
    [`session:${currentId}`, 'This browser'],
  ]);
}
