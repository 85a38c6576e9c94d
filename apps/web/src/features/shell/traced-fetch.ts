import type { BrowserSpansReport } from '../../../browser-spans.ts';

/** Something that the user did, and the calls that it led to. Times are those of the page's clock. */
interface Action {
  name: BrowserSpansReport['name'];
  traceId: string;
  spanId: string;
  beganAt: number;
  endedAt: number;
  calls: { name: 'GET' | 'POST'; spanId: string; beganAt: number; endedAt: number }[];
  /** How many calls have no answer yet. */
  open: number;
  timer?: ReturnType<typeof setTimeout>;
}

/** How long after an action, or after an answer to it, a call is still taken to be for it. */
const pauseMs = 1000;
let action: Action | undefined;

const randomHex = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');

for (const name of ['click', 'keydown'] as const) {
  const begin = ({ timeStamp }: Event): void => {
    const [traceId, spanId] = [randomHex(16), randomHex(8)];
    action = { name, traceId, spanId, beganAt: timeStamp, endedAt: timeStamp, calls: [], open: 0 };
  };
  addEventListener(name, begin, { capture: true, passive: true });
}

const report = ({ name, traceId, spanId, beganAt, endedAt, calls }: Action): void => {
  if (calls.length === 0) return;
  const now = performance.now();
  const ago = (span: { spanId: string; beganAt: number; endedAt: number }) => ({
    spanId: span.spanId,
    beganMsAgo: now - span.beganAt,
    endedMsAgo: now - span.endedAt,
  });
  const body: BrowserSpansReport = {
    ...ago({ spanId, beganAt, endedAt }),
    name,
    traceId,
    calls: calls.map((call) => ({ ...ago(call), name: call.name })),
  };
  // When it is refused, the trace lacks its beginning, and the user nothing.
  const json = new Blob([JSON.stringify(body)], { type: 'application/json' });
  navigator.sendBeacon('/traces', json);
};

/**
 * Has a call that a user's action leads to be part of a trace that begins with the action, of which it
 * tells the server the browser's part, if the API says that it is sampled.
 *
 * @see https://www.w3.org/TR/trace-context/
 */
export const tracedFetch: typeof fetch = async (input, init) => {
  const cause = action;
  const beganAt = performance.now();
  const headers = new Headers(init?.headers);
  // The stream of changes is followed whatever the user does.
  const isStream = headers.get('accept') === 'text/event-stream';
  const isOver = !cause || (cause.open === 0 && beganAt - cause.endedAt > pauseMs);
  if (isOver || isStream) return fetch(input, init);
  const spanId = randomHex(8);
  headers.set('traceparent', `00-${cause.traceId}-${spanId}-01`);
  clearTimeout(cause.timer);
  cause.open += 1;
  try {
    const answer = await fetch(input, { ...init, headers });
    cause.endedAt = performance.now();
    if (answer.headers.has('traceresponse')) {
      const name = init?.method === 'POST' ? 'POST' : 'GET';
      cause.calls.push({ name, spanId, beganAt, endedAt: cause.endedAt });
    }
    return answer;
  } finally {
    cause.open -= 1;
    if (cause.open === 0) cause.timer = setTimeout(report, pauseMs, cause);
  }
};
