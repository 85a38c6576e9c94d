import { retryLink, type TRPCLink } from '@trpc/client';
import type { AppRouter } from '@typedo/api';
import { isTypedoError } from './errors.ts';
import { streamLink, type StreamLinkOptions } from './stream-link.ts';

/** About how long after a stream was cut off it is followed again, and how long at most. */
const firstPauseMs = 500;
const longestPauseMs = 10_000;

/** What is over when the service is well again, or others have gone. */
const isPassing = (error: unknown, made: number): boolean =>
  !isTypedoError(error) ||
  isTypedoError(error, 'UNAVAILABLE', 'INTERNAL', 'RATE_LIMITED') ||
  // Streams of this client that were cut off may still be counted.
  (made > 1 && isTypedoError(error, 'TOO_MANY_STREAMS'));

/**
 * Follows a stream across cuts, restarts and the ends of tokens, from the last event on, for as long
 * as the user may.
 *
 * @param isTokenRefused lets go of a token that was
 */
export const followLink =
  (
    options: Omit<StreamLinkOptions, 'onLife'>,
    isTokenRefused: (error: unknown) => boolean,
  ): TRPCLink<AppRouter> =>
  (runtime) =>
  ({ op: first, next }) => {
    let failures = 0;
    let pauseMs = 0;
    const onLife = (): void => {
      failures = 0;
    };
    const stream = streamLink({ ...options, onLife })(runtime);
    const retry = retryLink<AppRouter>({
      retry({ error, attempts: made }) {
        const growing = Math.min(firstPauseMs * 2 ** failures, longestPauseMs);
        const told = isTypedoError(error) ? (error.data.retryAfterSeconds ?? 0) * 1000 : 0;
        pauseMs = Math.max(growing * (0.5 + Math.random()), told);
        failures += 1;
        return isTokenRefused(error)
          ? made === 1 || isTypedoError(error, 'TOKEN_EXPIRED')
          : isPassing(error, made);
      },
      retryDelayMs: () => pauseMs,
    })(runtime);
    return retry({ op: first, next: (op) => stream({ op, next }) });
  };
