import {
  type AnyTRPCRouter,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  type TRPCError,
  type TRPCProcedureType,
} from '@trpc/server';
import { getHTTPStatusCode } from '@trpc/server/http';
import type { TRPCResponse } from '@trpc/server/rpc';
import { toSuperjsonText } from '@typedo/api';
import type { FastifyReply, FastifyRequest, preHandlerHookHandler } from 'fastify';
import { type DirectRequest, lazyInputs, readDirectRequest } from './trpc-direct-request.ts';

/** Of the adapter's options those that both serve by. */
export interface DirectOptions {
  router: AnyTRPCRouter;
  createContext: (call: { req: FastifyRequest; res: FastifyReply }) => object;
  /** Runs what calls are for: at once, or when their turn has come. */
  inTurn: (run: () => Promise<void>) => Promise<void>;
  maxBatchSize: number;
  onError: (failure: {
    error: TRPCError;
    path: string | undefined;
    input: unknown;
    ctx: unknown;
    type: TRPCProcedureType | 'unknown';
    req: FastifyRequest;
  }) => void;
}

const asItIs = (body: unknown): string => String(body);

/** Aborted when the client leaves, or left, before its answer. */
function signalOf({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  if (raw.destroyed) controller.abort();
  raw.once('close', () => {
    if (!raw.writableEnded) controller.abort();
  });
  return controller.signal;
}

/** An answer as `transformTRPCResponse` and `JSON.stringify` write it where superjson transforms. */
const toText = (answer: TRPCResponse): string =>
  'error' in answer
    ? `{"error":${toSuperjsonText(answer.error)}}`
    : `{"result":{"data":${toSuperjsonText(answer.result.data)}}}`;

/** Status and body of the answer to calls in a context of theirs. */
async function answerTo(
  direct: DirectRequest,
  { ctx, req, signal }: { ctx: object; req: FastifyRequest; signal: AbortSignal },
  { router, onError }: DirectOptions,
) {
  const { type, calls, isBatch } = direct;
  const config = router._def._config;
  const inputs = lazyInputs(direct, router);
  const written = (answer: TRPCResponse | TRPCResponse[]) => ({
    status: getHTTPStatusCode(answer),
    body: Array.isArray(answer) ? `[${answer.map(toText).join()}]` : toText(answer),
  });
  const refused = (error: TRPCError, path?: string, input?: unknown) => ({
    error: getTRPCErrorShape({ config, ctx, error, input, path, type }),
  });
  try {
    const results = await Promise.all(
      calls.map(async ({ path, procedure }, batchIndex) => {
        const getRawInput = () => inputs.read(batchIndex);
        try {
          const data = await procedure({ path, getRawInput, ctx, type, signal, batchIndex });
          return { result: { data: data as unknown } };
        } catch (cause) {
          const error = getTRPCErrorFromUnknown(cause);
          const input = inputs.known(batchIndex);
          onError({ error, path, input, ctx, type, req });
          return { error, path, input };
        }
      }),
    );
    // Not before all have ended: those refused for one bad input share the error, and its shape.
    const answers = results.map((result) =>
      'error' in result ? refused(result.error, result.path, result.input) : result,
    );
    const [first] = answers;
    return written(isBatch || !first ? answers : first);
  } catch (cause) {
    // A formatter threw it, or the transformer: it is the answer to all calls.
    const error = getTRPCErrorFromUnknown(cause);
    onError({ error, path: undefined, input: undefined, ctx, type, req });
    return written(refused(error));
  }
}

/**
 * Answers the plain calls of tRPC: known queries by GET and known mutations by POST, one or a batch,
 * JSON in and JSON out. Everything else goes on to tRPC's adapter, which answers these calls the same,
 * but makes a web Request, its headers, signals, a Response and two streams for each: a third of the
 * CPU that a small one takes.
 *
 * It follows `resolveResponse` of the version of @trpc/server that is pinned, and trpc-direct.test.ts
 * holds them to each other. Answers are not searched for streams: only subscriptions give any here.
 */
export const answerDirectly =
  (options: DirectOptions): preHandlerHookHandler =>
  (req, res, goOn) => {
    const direct = readDirectRequest(req, options);
    if (!direct) return goOn();
    const answer = async (ctx: object) => {
      const call = { ctx, req, signal: signalOf(res) };
      const { status, body } = await answerTo(direct, call, options);
      res.code(status);
      res.header('vary', 'trpc-accept, accept').header('content-type', 'application/json');
      // Written by a serializer of its own, so that Fastify adds no charset.
      res.serializer(asItIs).send(body);
    };
    let ctx: object;
    try {
      ctx = options.createContext({ req, res });
    } catch {
      // The adapter finds the same, and answers it.
      return goOn();
    }
    options.inTurn(() => answer(ctx)).catch(goOn);
  };
