import { type AnyTRPCProcedure, type AnyTRPCRouter, TRPCError } from '@trpc/server';
import type { FastifyRequest } from 'fastify';

/** Known queries by GET, or known mutations by POST, with JSON. */
export interface DirectRequest {
  type: 'query' | 'mutation';
  isBatch: boolean;
  calls: { path: string; procedure: AnyTRPCProcedure }[];
  /** JSON; undefined of queries without input. */
  inputs: string | undefined;
}

const typeOfMethod: Record<string, DirectRequest['type']> = { GET: 'query', POST: 'mutation' };
const jsonType = /^\s*application\/json\s*(?:;|$)/i;

/** Whether the adapter would read it as it stands: it makes a URL of it, and a Request of that. */
const isPlainAddress = ({ url = '', headers: { host = 'localhost' } }: FastifyRequest['raw']) =>
  url.startsWith('/') &&
  !url.includes('#') &&
  !host.includes('@') &&
  URL.canParse(url, `http://${host}`);

/** What a request asks for; undefined where the adapter has to find out. */
export function readDirectRequest(
  { method, headers, raw, body, params }: FastifyRequest,
  { router, maxBatchSize }: { router: AnyTRPCRouter; maxBatchSize: number },
): DirectRequest | undefined {
  const type = typeOfMethod[method];
  const { 'content-type': mediaType, accept } = headers;
  const isJson = mediaType === undefined ? type === 'query' : jsonType.test(mediaType);
  const isStreamed = headers['trpc-accept'] !== undefined || accept?.includes('application/jsonl');
  if (!type || !isJson || isStreamed || !isPlainAddress(raw)) return undefined;

  const { url = '' } = raw;
  const query = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?')) : '');
  const { path } = params as { path: string };
  if (path.includes('%') || query.has('connectionParams')) return undefined;

  const isBatch = query.get('batch') === '1';
  const paths = isBatch ? path.split(',') : [path];
  if (isBatch && paths.length > maxBatchSize) return undefined;
  const known: Record<string, AnyTRPCProcedure | undefined> = router._def.procedures;
  const calls = paths.flatMap((path) => {
    const procedure = known[path];
    return procedure?._def.type === type ? [{ path, procedure }] : [];
  });
  if (calls.length < paths.length) return undefined;

  if (type === 'query') return { type, isBatch, calls, inputs: query.get('input') || undefined };
  // A Request takes a byte order mark away, and JSON has none.
  if (typeof body !== 'string' || body.startsWith('\uFEFF')) return undefined;
  return { type, isBatch, calls, inputs: body };
}

type Inputs = Record<number, unknown>;

function parseInputs({ inputs, isBatch, calls }: DirectRequest, router: AnyTRPCRouter): Inputs {
  if (inputs === undefined) return {};
  const { input } = router._def._config.transformer;
  const parsed: unknown = JSON.parse(inputs);
  if (!isBatch) return { 0: input.deserialize(parsed) };
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    const message = '"input" needs to be an object when doing a batch call';
    throw new TRPCError({ code: 'BAD_REQUEST', message });
  }
  const given = parsed as Inputs;
  const read: Inputs = {};
  for (const index of calls.keys()) {
    if (given[index] !== undefined) read[index] = input.deserialize(given[index]);
  }
  return read;
}

const toRefusal = (cause: unknown): TRPCError => {
  if (cause instanceof TRPCError) return cause;
  const message = cause instanceof Error ? cause.message : 'Invalid input';
  return new TRPCError({ code: 'BAD_REQUEST', message, cause });
};

/** The inputs of a request's calls: parsed when the first asks, and refused to all if one is bad. */
export function lazyInputs(request: DirectRequest, router: AnyTRPCRouter) {
  let inputs: Inputs | undefined;
  let refusal: TRPCError | undefined;
  return {
    async read(index: number): Promise<unknown> {
      if (refusal) throw refusal;
      try {
        inputs ??= parseInputs(request, router);
      } catch (cause) {
        refusal = toRefusal(cause);
        throw refusal;
      }
      return inputs[index];
    },
    /** The input of a call, if it was read. */
    known: (index: number): unknown => inputs?.[index],
  };
}
