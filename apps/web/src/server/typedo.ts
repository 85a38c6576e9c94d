import 'server-only';
import { QueryClient } from '@tanstack/react-query';
import { createClient, isTypedoError, type TypedoClient } from '@typedo/client';
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { apiUrl } from '../env.ts';

/** The client of the request at hand: as the user whose cookies it brought, and for no other. */
export const typedo = cache(async (): Promise<TypedoClient> => {
  const cookie = (await cookies()).toString();
  return createClient({
    url: apiUrl,
    auth: { cookie },
    // Next would otherwise be free to keep one user's answers for another.
    fetch: (input, init) => fetch(input, { ...init, cache: 'no-store' }),
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

/**
 * What a page shows, asked for before it is sent, for the browser's cache to begin with. When the
 * service cannot answer, the page is sent all the same, and asks itself.
 */
export async function prefetch(
  ask: (queryClient: QueryClient) => Promise<unknown>,
): Promise<QueryClient> {
  const queryClient = new QueryClient();
  await asUser(async () => {
    try {
      await ask(queryClient);
    } catch (error) {
      if (isTypedoError(error) && !isTypedoError(error, 'UNAVAILABLE', 'INTERNAL')) throw error;
    }
  });
  return queryClient;
}
