import fastifyPlugin from 'fastify-plugin';
import type { AppServices } from '../app.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether a procedure was called, which is measured itself. */
    hasCalled: boolean;
  }
}

/** Counts requests that called nothing, such as signing in, by the route as it is registered. */
export const measure = fastifyPlugin<
  Pick<AppServices, 'metrics' | 'database' | 'streams' | 'callQueue'>
>(async (app, { metrics, database, streams, callQueue }) => {
  if (!metrics) return;
  metrics.watch({
    pools: () => database.pools(),
    openStreams: () => streams.count(),
    callsWaiting: () => callQueue.length,
  });
  app.decorateRequest('hasCalled', false);
  app.addHook('onResponse', async ({ hasCalled, routeOptions }, { statusCode }) => {
    if (!hasCalled) metrics.answered(routeOptions.url ?? 'none', statusCode);
  });
});
