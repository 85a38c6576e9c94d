import { TRPCClientError, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import type { AppRouter } from '@typedo/api';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import superjson, { type SuperJSONResult } from 'superjson';

export interface StreamLinkOptions {
  url: string;
  fetch: typeof fetch;
  /** Asked for each connection, so that each has a token that still holds. */
  headers: () => Promise<Record<string, string>>;
  /** Hears of each event, and of pings: that the stream was more than opened. */
  onLife: () => void;
}

/** After this long without any event, not even a ping, a connection is given up. */
const patienceMs = 40_000;

/** Aborts `controller` unless it is told of life in time. */
const watchdog = (controller: AbortController) => {
  let timer: ReturnType<typeof setTimeout>;
  const stop = (): void => clearTimeout(timer);
  const alive = (): void => {
    stop();
    timer = setTimeout(() => controller.abort(new Error('The stream fell silent.')), patienceMs);
  };
  alive();
  return { alive, stop };
};

/** What the service said, where it was the service. */
const refusalOf = async (response: Response): Promise<Error> => {
  try {
    const { error } = (await response.json()) as { error: SuperJSONResult };
    return TRPCClientError.from({ error: superjson.deserialize(error) } as never);
  } catch {
    return new Error(`HTTP ${response.status}`);
  }
};

/**
 * Follows a stream over server-sent events, as tRPC's `httpSubscriptionLink` does, which is larger
 * than the rest of the client and reconnects by EventSource. Here a connection that ends is an
 * error, and `retryLink` makes the next one, from the last event on.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export const streamLink =
  ({ url, fetch, headers, onLife }: StreamLinkOptions): TRPCLink<AppRouter> =>
  () =>
  ({ op }) =>
    observable((observer) => {
      const controller = new AbortController();
      let isOver = false;
      const end = (): void => {
        isOver = true;
        controller.abort();
        observer.complete();
      };
      if (op.signal?.aborted) {
        end();
        return () => {};
      }
      op.signal?.addEventListener('abort', end);

      const follow = async (): Promise<void> => {
        const input = encodeURIComponent(JSON.stringify(superjson.serialize(op.input)));
        const { alive, stop } = watchdog(controller);
        try {
          const response = await fetch(`${url}/${op.path}?input=${input}`, {
            headers: { accept: 'text/event-stream', ...(await headers()) },
            cache: 'no-store',
            signal: controller.signal,
          });
          if (!response.ok || !response.body) throw await refusalOf(response);
          const events = response.body
            .pipeThrough<string>(new TextDecoderStream())
            .pipeThrough(new EventSourceParserStream())
            .getReader();
          observer.next({ result: { type: 'started' } });
          for (;;) {
            const { done, value } = await events.read();
            if (done) throw new Error('The stream was cut off.');
            alive();
            if (value.event === undefined || value.event === 'ping') onLife();
            if (value.event === 'return') return;
            if (value.event !== undefined && value.event !== 'serialized-error') continue;
            const told = superjson.deserialize(JSON.parse(value.data));
            if (value.event) throw TRPCClientError.from({ error: told } as never);
            const { id } = value;
            observer.next({
              result: id === undefined ? { data: told } : { id, data: { id, data: told } },
            });
          }
        } finally {
          stop();
        }
      };
      follow().then(
        () => observer.complete(),
        (error: unknown) => {
          controller.abort();
          if (!isOver) observer.error(TRPCClientError.from(error as Error));
        },
      );
      return () => {
        op.signal?.removeEventListener('abort', end);
        isOver = true;
        controller.abort();
      };
    });
