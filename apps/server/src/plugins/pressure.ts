import { monitorEventLoopDelay } from 'node:perf_hooks';
import { toErrorShape } from '@typedo/api';
import { CatalogueError, unavailableSeconds } from '@typedo/contract';
import fastifyPlugin from 'fastify-plugin';
import superjson from 'superjson';
import type { AppServices } from '../app.ts';
import { toProblem } from './error-replies.ts';

/** How late the event loop may be with everything, for more than a moment. */
const longestDelayMs = 500;
const momentMs = 1000;
const resolution = 20;

const refusal = (type: string, body: object) => {
  const bytes = Buffer.from(JSON.stringify(body));
  const headers = {
    'content-type': type,
    'content-length': bytes.length,
    'retry-after': String(unavailableSeconds),
    'cache-control': 'no-store',
  };
  return { bytes, headers };
};

/**
 * Refuses calls before anything is done for them while those that are there already take all there
 * is, so that what is taken on is answered in time. What is under way, streams too, goes on, and
 * health is answered. It comes before all other plugins and its answers are ready, at a sixth of what
 * a small call costs: many times what can be served must not take up everything.
 */
export const pressure = fastifyPlugin<Pick<AppServices, 'callQueue'>>(
  async (app, { callQueue }) => {
    const error = new CatalogueError('UNAVAILABLE', {
      message: 'The service has too much to do right now.',
    });
    const ofTrpc = refusal('application/json', {
      error: superjson.serialize(toErrorShape(error, {})),
    });
    const problem = refusal('application/problem+json', toProblem(error));

    const histogram = monitorEventLoopDelay({ resolution });
    histogram.enable();
    let wasLate = false;
    let isLate = false;
    const timer = setInterval(() => {
      const isLateNow = histogram.mean / 1e6 > longestDelayMs;
      isLate = wasLate && isLateNow;
      wasLate = isLateNow;
      histogram.reset();
    }, momentMs).unref();
    app.addHook('onClose', async () => {
      clearInterval(timer);
      histogram.disable();
    });

    app.addHook('onRequest', ({ url }, reply, done) => {
      const isTooMuch = isLate || callQueue.isTooLong;
      if (!isTooMuch || url === '/livez' || url === '/readyz') return done();
      const { bytes, headers } = url.startsWith('/api/trpc/') ? ofTrpc : problem;
      reply.hijack();
      reply.raw.writeHead(503, headers).end(bytes);
    });
  },
);
