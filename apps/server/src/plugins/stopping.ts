import { setTimeout as wait } from 'node:timers/promises';
import fastifyPlugin from 'fastify-plugin';
import type { AppServices } from '../app.ts';

/** How long requests in progress may take to end when the server stops. */
const patienceMs = 5000;

/** Whether the server is about to stop. */
export interface Stopping {
  hasBegun: boolean;
}

/**
 * Stops without failing anybody: `/readyz` says so first, and calls are answered, with `Connection:
 * close`, until those who send them had the time to notice. Then streams are cut, to go on elsewhere,
 * and what is in progress ends.
 */
export const stopping = fastifyPlugin<Pick<AppServices, 'stopping' | 'streams' | 'drainMs'>>(
  async (app, { stopping: state, streams, drainMs }) => {
    app.addHook('preClose', async () => {
      state.hasBegun = true;
      await wait(drainMs);
      streams.cut();
      // A client that neither goes on nor goes away must not keep the server from stopping.
      setTimeout(() => app.server.closeAllConnections(), patienceMs).unref();
    });
  },
);
