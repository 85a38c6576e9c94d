import { createClient, type TypedoClient } from '@typedo/client';

export { isTypedoError } from '@typedo/client';

const create = async (): Promise<TypedoClient> => {
  const isTraced = document.documentElement.dataset.traced !== undefined;
  const fetch = isTraced ? (await import('./traced-fetch.ts')).tracedFetch : undefined;
  return createClient({ url: location.origin, fetch });
};

/** The client of this page, whose calls are part of traces where the server says so. */
export const client = create();
