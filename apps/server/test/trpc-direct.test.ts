import { once } from 'node:events';
import { fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';
import { limits } from '@typedo/contract';
import fc from 'fast-check';
import fastify, { type InjectOptions } from 'fastify';
import { expect, test } from 'vitest';
import { answerDirectly, type DirectOptions } from '../src/faces/trpc-direct.ts';
import { corpus, signUpCorpusUser } from './corpus.ts';
import { startTestApp } from './harness.ts';
import { send as sendRaw } from './raw-http.ts';
import { answering, send, trpcBatch, trpcRequest, type WireRequest } from './requests.ts';
import { wireRequests, wireRouter } from './wire-requests.ts';

/** A server of the router with the direct way, or of the adapter alone. */
function serve({ isDirect }: { isDirect: boolean }) {
  const app = fastify({ routerOptions: { maxParamLength: 2000 } });
  const waits = new EventTarget();
  const heard: unknown[] = [];
  const options: DirectOptions = {
    router: wireRouter,
    inTurn: (run: () => Promise<void>) => run(),
    maxBatchSize: 4,
    createContext({ req }) {
      if (req.headers['x-refuse']) throw new Error('No context.');
      return { waits };
    },
    onError({ error: { code, message }, path, type, input, ctx }) {
      heard.push({ code, message, path, type, input, hasContext: ctx !== undefined });
    },
  };
  let answeredDirectly = 0;
  app.addHook('preHandler', async (_request, reply) => {
    answeredDirectly += 1;
    reply.header('vary', 'origin').header('x-own', 'kept');
  });
  if (isDirect) app.addHook('preHandler', answerDirectly(options));
  // Only what was left to the adapter comes as far as this.
  app.addHook('preHandler', async () => {
    answeredDirectly -= 1;
  });
  app.register(fastifyTRPCPlugin, { prefix: '/api/trpc', trpcOptions: options });
  const directly = () => answeredDirectly;
  return { app, waits, heard, directly, [Symbol.asyncDispose]: () => app.close() };
}

/** How a body is cut is nobody's business, nor is when it was sent. */
const ofTransport = ['content-length', 'transfer-encoding', 'date', 'connection', 'keep-alive'];

async function answered({ app, heard }: ReturnType<typeof serve>, request: InjectOptions) {
  heard.length = 0;
  // The adapter breaks a stream off that it cannot write.
  const answer = await app.inject(request).catch(String);
  if (typeof answer === 'string') return answer;
  const { statusCode, headers, body } = answer;
  const told = Object.entries(headers).filter(([name]) => !ofTransport.includes(name));
  return { statusCode, headers: Object.fromEntries(told), body, heard: [...heard] };
}

test('a request is answered as tRPC’s own adapter answers it, whatever it asks for', async () => {
  await using direct = serve({ isDirect: true });
  await using adapter = serve({ isDirect: false });
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(wireRequests, async (request) => {
      const expected = await answered(adapter, request);
      if (typeof expected === 'object') statuses.add(expected.statusCode);
      expect(await answered(direct, request)).toEqual(expected);
    }),
    { numRuns: 3000, seed: 8 },
  );
  // The requests are worth something: they are refused in many ways, and half are answered directly.
  for (const status of [200, 204, 207, 400, 404, 405, 409, 415, 418, 500])
    expect(statuses).toContain(status);
  expect(direct.directly()).toBeGreaterThan(1000);
  expect(adapter.directly()).toBe(0);
}, 300_000);

/** What no client writes, and a socket takes. */
const addresses = [
  '/api/trpc/echo.query?x#&batch=1',
  '/api/trpc/echo.query?input={"json":"a\'b<c>|d"}#',
  '/api/trpc/echo.query?batch=1\\',
  '/api/trpc/echo.query?input={"json":"\u00E4"}',
  '/api/trpc/echo.query;batch=1',
  'http://elsewhere/api/trpc/echo.query?batch=1',
  'http://a:b@elsewhere/api/trpc/echo.query',
];

test.each(addresses)('an address is read as the adapter reads it: %s', async (path) => {
  await using direct = serve({ isDirect: true });
  await using adapter = serve({ isDirect: false });
  const [given, expected] = await Promise.all(
    [direct, adapter].map(async ({ app }) => {
      const url = await app.listen({ host: '127.0.0.1', port: 0 });
      const headers = { host: 'typedo.test' };
      const { status, text } = await sendRaw(url, { path, headers });
      return { status, text };
    }),
  );
  expect(given).toEqual(expected);
});

test.each([true, false])('a call is told when its caller leaves (direct: %s)', async (isDirect) => {
  await using server = serve({ isDirect });
  const { app, waits } = server;
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/api/trpc`;
  const caller = new AbortController();
  const [started, aborted] = [once(waits, 'started'), once(waits, 'aborted')];
  const left = fetch(`${url}/blind,wait?batch=1`, { signal: caller.signal });
  await started;
  caller.abort();
  await expect(left).rejects.toThrow('aborted');
  await aborted;
  // Nothing of it is in the way of the next.
  const next = await fetch(`${url}/echo.query`);
  expect(await next.json()).toMatchObject({ result: { data: { json: { isOver: false } } } });
  expect(server.directly()).toBe(isDirect ? 2 : 0);
});

/** What two users with the same rows are told, without what is each one's own. */
const told = (text: string): string =>
  text
    .replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, (id) =>
      id.startsWith('0199c2d4-7a10') ? id : 'id',
    )
    .replaceAll(/\b[\da-f]{32}\b|typedo_\w+/g, 'secret')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)/g, 'time');

test('two users with the same rows are told the same, one directly and one by the adapter', async () => {
  await using app = await startTestApp();
  const [direct, adapter] = [await signUpCorpusUser(app), await signUpCorpusUser(app)];
  const calls = corpus(answering, { valid: 3, broken: 6 }, 1);
  const reads = calls.filter(({ procedure }) => procedure.kind === 'query');
  const batches = reads.map((_, index) =>
    reads.slice(index, index + (index % limits.batchSize) + 1),
  );
  const requests = [...calls.map(trpcRequest), ...batches.map(trpcBatch)];
  const answer = async (jwt: string, request: WireRequest, headers: Record<string, string>) => {
    const response = await send(app.url, jwt, request, headers);
    const [type, vary] = ['content-type', 'vary'].map((name) => response.headers.get(name));
    const isWhole = response.headers.has('content-length');
    return {
      isWhole,
      told: { status: response.status, type, vary, body: told(await response.text()) },
    };
  };
  for (const request of requests) {
    // It names the type that both answer with; only the adapter looks at the header.
    const expected = await answer(adapter.jwt, request, { 'trpc-accept': 'application/json' });
    const given = await answer(direct.jwt, request, {});
    expect([request, given.told]).toEqual([request, expected.told]);
    // The adapter gives streams, so that it is seen who answered.
    expect(given.isWhole).toBe(true);
    app.logs.length = 0;
  }
}, 300_000);
