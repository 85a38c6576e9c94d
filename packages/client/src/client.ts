import {
  createTRPCClient,
  httpBatchLink,
  httpLink,
  type Operation,
  retryLink,
  splitLink,
  type TRPCClient,
  type TRPCLink,
} from '@trpc/client';
import type { AppRouter } from '@typedo/api';
import { limits, takesKey } from '@typedo/contract';
import superjson from 'superjson';
import { isTypedoError } from './errors.ts';
import { followLink } from './follow-link.ts';
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

const attempts = 4;
// Of a batch of reads, which proxies commonly let through. A read that is longer by itself travels
// alone, for the service to judge.
const maxUrlLength = 4000;
const isLong = (input: unknown): boolean =>
  encodeURIComponent(JSON.stringify(input) ?? '').length > maxUrlLength / 2;

/** Where a mutation's key is among what links know of it; a caller may have put its own there. */
const keyName = 'idempotencyKey';
const keyOf = ({ context }: Pick<Operation, 'context'>): string | undefined => {
  const key = context[keyName];
  return typeof key === 'string' ? key : undefined;
};

/** Random enough also where a page of plain HTTP has no `crypto.randomUUID`. */
const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) =>
    part.toString(16).padStart(8, '0'),
  ).join('');

/** Gives each mutation its key, which stays the same however often it is sent. */
const keyLink: TRPCLink<AppRouter> =
  () =>
  ({ op, next }) => {
    if (!takesKey({ path: op.path, kind: op.type })) return next(op);
    // What the caller gave may be given to other calls, too.
    return next({ ...op, context: { ...op.context, [keyName]: keyOf(op) ?? newKey() } });
  };

/**
 * A typed client of the service. Calls of one tick travel together, dates arrive as `Date`, calls
 * are tried again while the service cannot be reached, and access tokens are kept fresh. A mutation
 * that is tried again happens once: each has an idempotency key, of its own or as given by
 * `{ context: { idempotencyKey } }`. A stream goes on after the last event it had.
 *
 * Calls throw errors that {@link isTypedoError} narrows by code.
 */
export function createClient({ url, auth = 'cookies', ...options }: ClientOptions): TypedoClient {
  const address = url.replace(/\/+$/, '');
  const fetcher = options.fetch ?? globalThis.fetch.bind(globalThis);
  const tokens = createTokenSource(address, auth, fetcher);
  const authorization = async (): Promise<Record<string, string>> => {
    const token = await tokens.get();
    return token ? { authorization: `Bearer ${token}` } : {};
  };
  const wire = {
    url: `${address}/api/trpc`,
    transformer: superjson,
    // tRPC writes `signal: undefined` where RequestInit would leave it out.
    fetch: (input: Parameters<typeof fetch>[0], init?: object) => fetcher(input, init),
  };

  const isTokenRefused = (error: unknown): boolean => {
    const isRefused = isTypedoError(error, 'TOKEN_EXPIRED', 'TOKEN_INVALID', 'SESSION_ENDED');
    if (isRefused) tokens.forget();
    return isRefused;
  };
  const isPassing = (error: unknown): boolean =>
    !isTypedoError(error) || isTypedoError(error, 'IN_FLIGHT', 'UNAVAILABLE');

  // What the service said to the attempt at hand: how long to wait is asked right after it is judged.
  let toldMs = 0;

  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: followLink({ url: wire.url, fetch: fetcher, headers: authorization }, isTokenRefused),
        false: [
          keyLink,
          retryLink({
            retry({ op, error, attempts: made }) {
              toldMs = isTypedoError(error) ? (error.data.retryAfterSeconds ?? 0) * 1000 : 0;
              // A call that was refused for its token did nothing: it goes again with the token of
              // the session that there is now, if any.
              if (isTokenRefused(error)) return made === 1;
              const isRepeatable = op.type === 'query' || keyOf(op) !== undefined;
              const isAborted = op.signal?.aborted ?? false;
              return isRepeatable && isPassing(error) && !isAborted && made < attempts;
            },
            retryDelayMs: (made) => toldMs + 100 * 2 ** made * (0.5 + Math.random() / 2),
          }),
          splitLink({
            condition: ({ type, input }) => type === 'query' && isLong(input),
            true: httpLink({ ...wire, headers: authorization }),
            false: httpBatchLink({
              ...wire,
              async headers({ opList }) {
                const keys = opList.map((op) => keyOf(op) ?? '');
                const hasKeys = keys.some((key) => key !== '');
                return {
                  ...(await authorization()),
                  ...(hasKeys && { 'idempotency-key': keys.join(',') }),
                };
              },
              maxItems: limits.batchSize,
              maxURLLength: maxUrlLength,
            }),
          }),
        ],
      }),
    ],
  });
}
