import { getUntypedClient } from '@trpc/client';
import type { ManifestProcedure } from '@typedo/contract';
import type { TypedoClient } from './client.ts';

/**
 * Calls a procedure that is known by its manifest alone, as tools do that are made for all of them.
 * Where the procedure is known when the code is written, `client.tasks.list.query()` is typed.
 *
 * @param input in the types of the wire, which `fromJson` makes of JSON
 */
export const callProcedure = async (
  client: TypedoClient,
  { path, kind }: Pick<ManifestProcedure, 'path' | 'kind'>,
  input: unknown,
): Promise<unknown> => {
  if (kind === 'subscription') throw new Error(`${path} is a stream: see streamProcedure.`);
  const untyped = getUntypedClient(client);
  return kind === 'query' ? untyped.query(path, input) : untyped.mutation(path, input);
};

/**
 * Follows a stream that is known by its manifest alone, event by event.
 *
 * @param signal ends it
 * @throws what the service ends it with
 */
export const streamProcedure = (
  client: TypedoClient,
  { path }: Pick<ManifestProcedure, 'path'>,
  input: unknown,
  onEvent: (event: unknown) => void,
  signal: AbortSignal,
): Promise<void> =>
  new Promise((resolve, reject) => {
    getUntypedClient(client).subscription(path, input, {
      onData: onEvent,
      onError: reject,
      onComplete: resolve,
      signal,
    });
  });
