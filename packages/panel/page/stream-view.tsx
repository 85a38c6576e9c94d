import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Json } from '../src/tagged.ts';
import type { CallError } from './calls.ts';
import { ErrorView } from './result.tsx';
import { type StreamEvent, type StreamState, subscribe } from './subscribe.ts';
import { ValueTree } from './value-tree.tsx';

/** Of a long stream, how many of the newest events are kept on the page. */
const eventsKept = 200;

const words: Record<StreamState, string> = {
  connecting: 'Connecting …',
  live: 'Live',
  reconnecting: 'Cut off, connecting again …',
  ended: 'The service ended it',
  stopped: 'Stopped',
  failed: 'Failed',
};

export interface Stream {
  state: StreamState | undefined;
  events: StreamEvent[];
  count: number;
  error: CallError | undefined;
  /** Where it can go on, when the procedure tracks its events. */
  lastEventId: string | undefined;
  isRunning: boolean;
  start(lastEventId?: string): void;
  stop(): void;
}

/** A subscription that ends with the component that follows it. */
export function useStream(path: string, input: Json | undefined): Stream {
  const [state, setState] = useState<StreamState | undefined>();
  const [events, setEvents] = useState<StreamEvent[]>([]);
  const [count, setCount] = useState(0);
  const [error, setError] = useState<CallError | undefined>();
  const stopping = useRef<(() => void) | undefined>(undefined);
  const lastEventId = useRef<string | undefined>(undefined);
  useEffect(() => () => stopping.current?.(), []);

  const start = (from?: string): void => {
    stopping.current?.();
    setError(undefined);
    if (from === undefined) {
      setEvents([]);
      setCount(0);
      lastEventId.current = undefined;
    }
    stopping.current = subscribe(path, input, from, {
      onState: setState,
      onError: setError,
      onEvent(event) {
        lastEventId.current = event.id ?? lastEventId.current;
        setCount((before) => before + 1);
        setEvents((before) => [event, ...before].slice(0, eventsKept));
      },
    });
  };
  const stop = (): void => {
    stopping.current?.();
    stopping.current = undefined;
  };
  const isRunning = state === 'connecting' || state === 'live' || state === 'reconnecting';
  return { state, events, count, error, lastEventId: lastEventId.current, isRunning, start, stop };
}

/** What a subscription brought, the newest first. */
export function StreamView({ stream }: { stream: Stream }): ReactNode {
  const { state, events, count, error } = stream;
  if (state === undefined) return null;
  return (
    <>
      <p
        role="status"
        className={state === 'failed' ? 'failure' : state === 'live' ? 'success' : ''}
      >
        {words[state]}
        <span className="quiet">
          {' '}
          {count} {count === 1 ? 'event' : 'events'}
        </span>
      </p>
      {error && <ErrorView error={error} />}
      <ol className="events" reversed>
        {events.map((event, index) => (
          <li key={String(count - index)}>
            <span className="quiet">
              {event.at.toLocaleTimeString()} {event.id !== undefined && <code>{event.id}</code>}
            </span>
            <ValueTree value={event.data} depth={2} />
          </li>
        ))}
      </ol>
    </>
  );
}
