import { createTRPCClient, httpBatchLink, retryLink, type TRPCClient } from '@trpc/client';
import type { AppRouter } from '@typedo/api';
import { limits } from '@typedo/contract';
import superjson from 'superjson';
import { isTypedoError } from './errors.ts';
import { type ClientAuth, createTokenSource } from './tokens.ts';

export interface ClientOptions {
  /** The service's address, such as `https://typedo.example.com`, without a path. */
  url: string;
  /** Who the user is; the page's own cookies when absent. */
  auth?: ClientAuth | undefined;
  /** For hosts with their own fetch, such as Next's. */
  fetch?: typeof fetch | undefined;
}

/** Every procedure of the service: `typedo.tasks.create.mutate({ title: 'Buy milk' })`. */
export type TypedoClient = TRPCClient<AppRouter>;

const attemptsOfRead = 4;
const maxUrlLength = 4000;

/**
 * A typed client of the service. Calls of one tick travel together, dates arrive as `Date`, reads
 * are tried again while the service cannot be reached, and access tokens are kept fresh.
 *
 * Calls throw errors that {@link isTypedoError} narrows by code.
 */
export function createClient({ url, auth = 'cookies', ...options }: ClientOptions): TypedoClient {
  const address = url.replace(/\/+$/, '');
  const fetcher = options.fetch ?? globalThis.fetch.bind(globalThis);
  const tokens = createTokenSource(address, auth, fetcher);

  return createTRPCClient<AppRouter>({
    links: [
      retryLink({
        retry({ op, error, attempts }) {
          // A call that was refused for its token did nothing, so even a write may go again: with the
          // token of the session that there is now, if any.
          if (isTypedoError(error, 'TOKEN_EXPIRED', 'TOKEN_INVALID', 'SESSION_ENDED')) {
            tokens.forget();
            return attempts === 1;
          }
          const isOutOfReach = !isTypedoError(error) || isTypedoError(error, 'UNAVAILABLE');
          const isAborted = op.signal?.aborted ?? false;
          return op.type === 'query' && isOutOfReach && !isAborted && attempts < attemptsOfRead;
        },
        retryDelayMs: (attempt) => 100 * 2 ** attempt * (0.5 + Math.random() / 2),
      }),
      httpBatchLink({
        url: `${address}/api/trpc`,
        transformer: superjson,
        maxItems: limits.batchSize,
        maxURLLength: maxUrlLength,
        // tRPC writes `signal: undefined` where RequestInit would leave it out.
        fetch: (input, init) => fetcher(input, init as RequestInit),
        async headers() {
          const token = await tokens.get();
          return token ? { authorization: `Bearer ${token}` } : {};
        },
      }),
    ],
  });
}
