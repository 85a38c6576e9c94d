import { once } from 'node:events';
import { initTRPC, TRPCError } from '@trpc/server';
import fc from 'fast-check';
import type { InjectOptions } from 'fastify';
import superjson from 'superjson';

const t = initTRPC.context<{ waits: EventTarget }>().create({
  transformer: superjson,
  isDev: false,
  errorFormatter({ shape, error, ctx, input }) {
    if (error.message === 'unformattable') throw new Error('No shape for it.');
    return { ...shape, data: { ...shape.data, hasContext: ctx !== undefined, input } };
  },
});

/** Gives what a procedure was called with. */
const echo = t.procedure
  .input((input) => input)
  .use(async ({ next, path, type, batchIndex, signal, getRawInput }) => {
    const raw = await getRawInput();
    return next({ ctx: { call: { path, type, batchIndex, raw, isOver: signal?.aborted } } });
  });
const failures: Record<string, () => unknown> = {
  conflict: () => new TRPCError({ code: 'CONFLICT', message: 'Taken.' }),
  caused: () => new TRPCError({ code: 'NOT_FOUND', cause: new Error('inner') }),
  error: () => new Error('plain'),
  text: () => 'a text',
  nothing: () => undefined,
  unformattable: () => new Error('unformattable'),
};
const fail = t.procedure
  .input((input) => String(input))
  .use(({ input }) => {
    throw failures[input]?.() ?? new Error('unknown');
  });
const withErrors = t.procedure.errors(({ error, path, input }) => ({
  message: `formatted: ${error.message}`,
  code: -32600 as const,
  data: { httpStatus: 418, path, input },
}));
const outputs: Record<string, unknown> = {
  date: { at: new Date(0), none: undefined },
  nothing: undefined,
  text: 'ä€😀',
  unwritable: { constructor: 1 },
};
const give = t.procedure.input((input) => String(input));

/** Procedures that answer, and fail, in each way there is. */
export const wireRouter = t.router({
  echo: {
    query: echo.query(({ ctx, input }) => ({ input, ...ctx.call })),
    mutation: echo.mutation(({ ctx, input }) => ({ input, ...ctx.call })),
  },
  fail: {
    query: fail.query(() => 1),
    mutation: fail.mutation(() => 1),
    formatted: withErrors
      .input((input) => {
        if (typeof input !== 'number') throw new Error('Not a number.');
        return input;
      })
      .query(({ input }) => input),
  },
  give: { query: give.query(({ input }) => outputs[input]), mutation: give.mutation(() => ({})) },
  blind: t.procedure.query(() => 'never asks for its input'),
  stream: t.procedure.subscription(async function* () {
    yield 1;
  }),
  /** Ends when its caller leaves. */
  wait: t.procedure.query(async ({ ctx, signal }) => {
    ctx.waits.dispatchEvent(new Event('started'));
    if (signal) await once(signal, 'abort');
    ctx.waits.dispatchEvent(new Event('aborted'));
  }),
});

const queries = ['echo.query', 'fail.query', 'fail.formatted', 'give.query', 'blind'];
const mutations = ['echo.mutation', 'fail.mutation', 'give.mutation'];
const oddNames = ['', 'none', 'echo', '__proto__', 'toString', 'echo%2Equery', '%', '%25', 'ä'];
const upToFive = (names: string[]) =>
  fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 5 });
const paths = fc.oneof(
  { weight: 2, arbitrary: upToFive(queries) },
  { weight: 2, arbitrary: upToFive(mutations) },
  upToFive([...queries, ...mutations, ...oddNames, 'stream']),
);

const dates = { at: new Date(0), none: undefined };
const argument = fc.oneof(
  fc.constantFrom(...Object.keys(failures), ...Object.keys(outputs)),
  fc.constantFrom<unknown>(undefined, null, 1, new Date(0), dates),
);
const sent = argument.map((value): unknown => superjson.serialize(value));
/** Inputs as they are written, of which some are none. */
const input = fc.oneof(
  { weight: 4, arbitrary: fc.array(sent, { maxLength: 4 }).map((all) => Object.assign({}, all)) },
  { weight: 4, arbitrary: sent },
);
const oddInputs = [
  ['', '{', 'null', '[]', '"text"', '5', '{"0":null}', '{"json":1,"meta":{"values":5}}'],
  ['\uFEFF{"json":1}', '{"1":{"json":1}}', ' {"json": "ä+b%20c"} ', '{"__proto__":1}'],
].flat();
const written = fc.oneof(
  { weight: 4, arbitrary: input.map((value) => JSON.stringify(value)) },
  fc.constantFrom(...oddInputs, undefined),
);

const rarely = <Value>(...values: Value[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, fc.constantFrom(...values));
const searches = [
  ['&connectionParams=null', '&connectionParams={"a":"b"}', '&connectionParams=', '&input=5'],
  ['&input', '&%62atch=1', '&x=%zz', '&x=%FF', '&x=a+b', '&lastEventId=5', '#&batch=1', '?batch=1'],
].flat();
const batches = ['batch=1', 'batch=0', 'batch=true', 'batch', 'batch=1&batch=0', 'batch=0&batch=1'];
const types = [
  ['application/json; charset=utf-8', 'APPLICATION/JSON', ' application/json ;x', 'text/plain', ''],
  ['application/jsonx', 'multipart/form-data', 'application/octet-stream'],
].flat();
const methods = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'PATCH'] as const;
const odd = fc.record({
  method: rarely(...methods),
  batch: rarely(...batches),
  search: rarely(...searches),
  'content-type': rarely(...types),
  accept: rarely('*/*', 'application/jsonl', 'application/json, application/jsonl', 'text/html'),
  'trpc-accept': rarely('application/json', 'application/jsonl', ''),
  host: rarely('typedo.test:80', 'a@b', 'a b', 'x:99999', '[::1]', 'a/b'),
  'x-refuse': rarely('1'),
});

/** Requests to {@link wireRouter}: most of them as a client sends them, some odd in one way or more. */
export const wireRequests: fc.Arbitrary<InjectOptions> = fc
  .record({ paths, input: written, odd })
  .map(({ paths, input, odd: { method: oddMethod, batch, search = '', ...oddHeaders } }) => {
    const isMutation = paths.some((path) => mutations.includes(path));
    const method = oddMethod ?? (isMutation ? 'POST' : 'GET');
    const isBodied = !['GET', 'HEAD'].includes(method);
    const headers = { ...(isBodied && { 'content-type': 'application/json' }) };
    const given = Object.entries(oddHeaders).filter(([, value]) => value !== undefined);
    const inQuery = input === undefined || isBodied ? '' : `&input=${encodeURIComponent(input)}`;
    const flag = batch ?? (paths.length > 1 ? 'batch=1' : 'x');
    return {
      method,
      url: `/api/trpc/${paths.join(',')}?${flag}${inQuery}${search}`,
      headers: { ...headers, ...Object.fromEntries(given) },
      ...(isBodied && input !== undefined && { payload: input }),
    };
  });
