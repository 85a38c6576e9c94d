import { createTRPCUntypedClient, httpBatchLink, httpLink, TRPCClientError } from '@trpc/client';
import superjson from 'superjson';
import type { ProcedureDescription } from '../src/description.ts';
import { fromTagged, type Json, TaggedError } from '../src/tagged.ts';
import { callCookies, callHeaders } from './credentials.ts';
import { host, router, routerUrl } from './host.ts';
import { type Issue, issuesOf } from './issues.ts';

/** One request, as it went. */
export interface Exchange {
  status: number;
  ms: number;
  /** Of the body, unpacked. */
  bytes: number;
  body: string;
  headers: [name: string, value: string][];
}

export interface CallError {
  /** The code that the router gave, or none when it was not the router that answered. */
  code: string | undefined;
  message: string;
  issues: Issue[];
  /** What else the router said with it. */
  data: unknown;
}

/** How a call ended. */
export type Outcome = { data: unknown } | { error: CallError };

/** How it ended, and the request that carried it, if one was answered. */
export interface Reply {
  outcome: Outcome;
  exchange: Exchange | undefined;
}

/** JSON as other clients of such a router write it: what JSON lacks, in the nearest form it has. */
export const toPlain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Date) return value;
  if (value instanceof Map) return [...value].map(toPlain);
  if (value instanceof Set || Array.isArray(value)) return [...value].map(toPlain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toPlain(one)]));
};

const noTransformer = { serialize: toPlain, deserialize: (value: unknown) => value };

/** How values travel to this router and back. */
export const transformer =
  host.transformer ?? (router.transformer === 'superjson' ? superjson : noTransformer);

/** The input as a program would pass it; none where the procedure takes none. */
export const toInput = (input: Json | undefined): unknown =>
  input === undefined ? undefined : fromTagged(input);

/** Makes calls and takes down the requests that carry them. */
const recorder = (exchanges: Exchange[]) => async (url: URL | RequestInfo, init?: object) => {
  const started = performance.now();
  const response = await fetch(url, { ...init, credentials: callCookies() });
  const body = await response.text();
  exchanges.push({
    status: response.status,
    ms: performance.now() - started,
    bytes: new TextEncoder().encode(body).length,
    body,
    headers: [...response.headers],
  });
  return {
    ok: response.ok,
    status: response.status,
    json: async () => JSON.parse(body) as unknown,
  };
};

const notSent = (message: string): CallError => ({
  code: 'NOT_SENT',
  message,
  issues: [],
  data: undefined,
});

export const toCallError = (error: unknown, isAnswered = true): CallError => {
  if (error instanceof TaggedError) {
    const { path, message } = error;
    return { ...notSent(message), issues: [{ path, message }] };
  }
  if (!(error instanceof TRPCClientError)) {
    return notSent(error instanceof Error ? error.message : String(error));
  }
  if (error.cause?.name === 'AbortError') {
    return { code: 'ABORTED', message: 'You stopped this call.', issues: [], data: undefined };
  }
  const data: unknown = error.data;
  if (error.shape === undefined) {
    const isUnreached = error.cause instanceof TypeError;
    if (!isAnswered && !isUnreached) return notSent(error.message);
    // Whatever answered, if anything did, does not speak tRPC.
    const message = isUnreached
      ? `Nothing answered at ${routerUrl}: ${error.message}.`
      : `What answered at ${routerUrl} does not speak tRPC: ${error.message}.`;
    return { code: undefined, message, issues: [], data };
  }
  const { code } = (data ?? {}) as { code?: unknown };
  const issues = issuesOf(data, error.message);
  return {
    code: typeof code === 'string' ? code : 'ERROR',
    // zod's issues as tRPC words them say the same as the fields do.
    message: issues.length > 0 && error.message.startsWith('[') ? 'Not valid.' : error.message,
    issues,
    data,
  };
};

interface Request {
  procedure: ProcedureDescription;
  input: Json | undefined;
}

type Client = ReturnType<typeof createTRPCUntypedClient>;

const ask = async (
  { client, exchanges }: { client: Client; exchanges: Exchange[] },
  request: Request,
  signal: AbortSignal,
): Promise<Outcome> => {
  const { path, kind } = request.procedure;
  try {
    const input = toInput(request.input);
    const data = await (kind === 'query'
      ? client.query(path, input, { signal })
      : client.mutation(path, input, { signal }));
    return { data };
  } catch (error) {
    return { error: toCallError(error, exchanges.length > 0) };
  }
};

/** Calls a procedure. Never rejects: what went wrong is the outcome. */
export async function makeCall(request: Request, signal: AbortSignal): Promise<Reply> {
  const exchanges: Exchange[] = [];
  const options = { url: routerUrl, transformer, headers: callHeaders, fetch: recorder(exchanges) };
  const client = createTRPCUntypedClient({ links: [httpLink(options)] });
  const outcome = await ask({ client, exchanges }, request, signal);
  return { outcome, exchange: exchanges[0] };
}

/** Calls procedures in as few requests as tRPC can: one of queries and one of mutations. */
export async function makeBatch(
  requests: Request[],
  signal: AbortSignal,
): Promise<{ outcomes: Outcome[]; exchanges: Exchange[] }> {
  const exchanges: Exchange[] = [];
  const options = { url: routerUrl, transformer, headers: callHeaders, fetch: recorder(exchanges) };
  const client = createTRPCUntypedClient({ links: [httpBatchLink(options)] });
  const outcomes = await Promise.all(
    requests.map((request) => ask({ client, exchanges }, request, signal)),
  );
  return { outcomes, exchanges };
}
