import type { TypedoClient } from '@typedo/client';

let client: Promise<TypedoClient> | undefined;

/**
 * The typed client, as the page's own user. It is loaded when it is first needed, or is about to be:
 * the first page comes with its data, and shows sooner without.
 */
export const browserClient = (): Promise<TypedoClient> => {
  client ??= import('@typedo/client').then(({ createClient }) =>
    createClient({ url: location.origin }),
  );
  return client;
};

/** Why a call failed, in words for the user. */
export async function reasonOf(error: unknown): Promise<string> {
  const { isTypedoError } = await import('@typedo/client');
  if (!isTypedoError(error)) return 'The service cannot be reached.';
  return error.data.issues?.[0]?.message ?? error.message;
}
