import { createTRPCUntypedClient, httpSubscriptionLink } from '@trpc/client';
import { EventSource } from 'eventsource';
import { type CallError, toCallError, toInput, transformer } from './calls.ts';
import { callCookies, callHeaders } from './credentials.ts';
import { routerUrl } from './host.ts';
import type { Json } from '../src/tagged.ts';

/** Something that a subscription brought. */
export interface StreamEvent {
  /** Its position, when the procedure tracks it. */
  id: string | undefined;
  data: unknown;
  at: Date;
}

export type StreamState = 'connecting' | 'live' | 'reconnecting' | 'ended' | 'stopped' | 'failed';

interface Listener {
  onEvent: (event: StreamEvent) => void;
  onState: (state: StreamState) => void;
  onError: (error: CallError) => void;
}

const isTracked = (value: unknown): value is { id: string; data: unknown } =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).toSorted().join() === 'data,id' &&
  typeof (value as { id: unknown }).id === 'string';

/** tRPC resumes a stream by this field of its input. @see https://trpc.io/docs/server/subscriptions */
const resumedFrom = (input: unknown, lastEventId: string | undefined): unknown => {
  const hasFields = input === undefined || Object.getPrototypeOf(input ?? 0) === Object.prototype;
  return hasFields && lastEventId !== undefined ? { ...(input as object), lastEventId } : input;
};

/**
 * Follows a subscription, which a cut connection resumes by itself, from the event after
 * `lastEventId` if given. Returns what stops it.
 */
export function subscribe(
  path: string,
  input: Json | undefined,
  lastEventId: string | undefined,
  { onEvent, onState, onError }: Listener,
): () => void {
  let isLive = false;
  const client = createTRPCUntypedClient({
    links: [
      httpSubscriptionLink({
        url: routerUrl,
        transformer,
        // The browser's own sends no headers.
        EventSource,
        eventSourceOptions: () => ({
          fetch: async (url: string | URL, init: RequestInit) =>
            fetch(url, {
              ...init,
              headers: { ...(init.headers as Record<string, string>), ...(await callHeaders()) },
              credentials: callCookies(),
            }),
        }),
      }),
    ],
  });
  onState('connecting');
  let given: unknown;
  try {
    given = toInput(input);
  } catch (error) {
    onError(toCallError(error));
    onState('failed');
    return () => {};
  }
  const subscription = client.subscription(path, resumedFrom(given, lastEventId), {
    onStarted() {
      isLive = true;
      onState('live');
    },
    onConnectionStateChange({ state, error }) {
      if (state === 'connecting' && (isLive || error)) onState('reconnecting');
      if (state === 'pending') onState('live');
    },
    onData(value: unknown) {
      const event = isTracked(value) ? value : { id: undefined, data: value };
      onEvent({ ...event, at: new Date() });
    },
    onComplete: () => onState('ended'),
    onError(error) {
      onError(toCallError(error));
      onState('failed');
    },
  });
  return () => {
    subscription.unsubscribe();
    onState('stopped');
  };
}
