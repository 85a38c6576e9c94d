import type { FastifyPluginAsync } from 'fastify';
import type { AppServices } from '../app.ts';

const patienceMs = 500;
const freshMs = 1000;

/** `/livez`: the process answers. `/readyz`: it also has its database, and is not about to stop. */
export const health: FastifyPluginAsync<Pick<AppServices, 'database'>> = async (
  app,
  { database },
) => {
  let isStopping = false;
  app.addHook('preClose', async () => {
    isStopping = true;
  });

  let checkedAt = -Infinity;
  let check: Promise<boolean> | undefined;
  const ping = async (): Promise<boolean> => {
    const { promise: tooLate, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(resolve, patienceMs, false);
    const answers = database.ping().then(
      () => true,
      () => false,
    );
    return Promise.race([answers, tooLate]).finally(() => clearTimeout(timer));
  };
  const hasDatabase = (): Promise<boolean> => {
    const now = performance.now();
    if (!check || now - checkedAt > freshMs) {
      checkedAt = now;
      check = ping();
    }
    return check;
  };

  app.get('/livez', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const isReady = !isStopping && (await hasDatabase());
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'unavailable' });
  });
};
