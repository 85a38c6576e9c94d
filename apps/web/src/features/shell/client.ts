import type { TypedoClient } from '@typedo/client';

/**
 * The typed client, as the page's own user. It is loaded when it is first needed, or is about to be:
 * the first page comes with its data, and shows sooner without.
 */
export const browserClient = (): Promise<TypedoClient> =>
  import('./late-client.ts').then(({ client }) => client);

let last: Promise<unknown> = Promise.resolve();

/**
 * Changes something once every change before it was made or has failed, so that they reach the
 * service in the order in which the user made them.
 */
export function inTurn<Result>(change: (client: TypedoClient) => Promise<Result>): Promise<Result> {
  const result = last.then(browserClient).then(change);
  last = result.catch(() => {});
  return result;
}

/** Why a call failed, in words for the user. */
export async function reasonOf(error: unknown): Promise<string> {
  const { isTypedoError } = await import('./late-client.ts');
  if (!isTypedoError(error)) return 'The service cannot be reached.';
  return error.data.issues?.[0]?.message ?? error.message;
}
