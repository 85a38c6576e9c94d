import type { FastifyPluginAsync } from 'fastify';
import type { AppServices } from '../app.ts';

/** `/livez`: the process answers. `/readyz`: it also has its database, and is not about to stop. */
export const health: FastifyPluginAsync<Pick<AppServices, 'database' | 'stopping'>> = async (
  app,
  { database, stopping },
) => {
  app.get('/livez', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const isReady = !stopping.hasBegun && (await database.isThere());
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'unavailable' });
  });
};
