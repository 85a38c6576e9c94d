import 'server-only';
import { createHash } from 'node:crypto';
import { QueryClient } from '@tanstack/react-query';
import { createClient, isTypedoError, type TypedoClient } from '@typedo/client';
import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { apiUrl } from '../env.ts';
import { type Beginning, beginningKey } from '../features/tasks/queries.ts';

/** Whose request it is, as this server's entrance named them: the API limits calls by address. */
export async function forwarded(): Promise<Record<string, string>> {
  const address = (await headers()).get('x-forwarded-for');
  return address ? { 'x-forwarded-for': address } : {};
}

/** The client of the request at hand: as the user whose cookies it brought, and for no other. */
export const typedo = cache(async (): Promise<TypedoClient> => {
  const cookie = (await cookies()).toString();
  const address = await forwarded();
  return createClient({
    url: apiUrl,
    auth: { cookie },
    // Next would otherwise be free to keep one user's answers for another.
    fetch(input, init) {
      const headers = new Headers(init?.headers);
      for (const [name, value] of Object.entries(address)) headers.set(name, value);
      return fetch(input, { ...init, headers, cache: 'no-store' });
    },
  });
});

/** Asks the service on the server. Who is not signed in is sent to do so. */
export async function asUser<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    if (isTypedoError(error, 'UNAUTHENTICATED', 'SESSION_ENDED')) redirect('/sign-in');
    throw error;
  }
}

/** Asks as {@link asUser} does; undefined when the service cannot answer at the moment. */
export const whenReachable = <Result>(ask: () => Promise<Result>): Promise<Result | undefined> =>
  asUser(async () => {
    try {
      return await ask();
    } catch (error) {
      if (isTypedoError(error) && !isTypedoError(error, 'UNAVAILABLE', 'INTERNAL', 'RATE_LIMITED'))
        throw error;
      return undefined;
    }
  });

/**
 * To be had before anything is read for a page that is kept up to date: the browser asks for what
 * was changed since.
 */
export const beginning = cache(async (): Promise<Beginning> => {
  const tokens = (await cookies()).getAll().filter(({ name }) => name.endsWith('session_token'));
  const position = await whenReachable(async () => (await typedo()).sync.position.query());
  return {
    session: createHash('sha256').update(JSON.stringify(tokens)).digest('base64url'),
    position: position?.position,
  };
});

/**
 * What a page shows, asked for before it is sent, for the browser's cache to begin with. When the
 * service cannot answer, the page is sent all the same, and asks itself.
 */
export async function prefetch(
  ask: (queryClient: QueryClient) => Promise<unknown>,
): Promise<QueryClient> {
  const queryClient = new QueryClient();
  const known = queryClient.setQueryData<Beginning>(beginningKey, await beginning());
  if (known?.position !== undefined) await whenReachable(() => ask(queryClient));
  return queryClient;
}
