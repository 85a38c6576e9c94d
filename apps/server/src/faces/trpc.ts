import { fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';
import { appRouter, toCatalogueError, toErrorShape } from '@typedo/api';
import { CatalogueError, errors, limits } from '@typedo/contract';
import type { FastifyError, FastifyPluginAsync } from 'fastify';
import superjson from 'superjson';
import { asCatalogueError } from '../plugins/error-replies.ts';
import { requireShallow } from '../too-deep.ts';
import { callContext, type CallServices } from './call-context.ts';
import { answerDirectly, type DirectOptions } from './trpc-direct.ts';

/** The router at `/api/trpc`, on tRPC's own wire. */
export const trpcFace: FastifyPluginAsync<CallServices> = async (app, services) => {
  app.addHook('onRequest', ({ method, headers }, _reply, done) => {
    if (!['GET', 'HEAD', 'POST'].includes(method)) throw new CatalogueError('METHOD_NOT_ALLOWED');
    // tRPC makes of a body without a type what it likes.
    if (method === 'POST' && headers['content-type'] === undefined) {
      throw new CatalogueError('UNSUPPORTED_MEDIA_TYPE');
    }
    done();
  });
  app.addHook<{ Querystring: { input?: unknown } }>(
    'preValidation',
    ({ body, query }, _reply, done) => {
      for (const json of [body, query.input]) if (typeof json === 'string') requireShallow(json);
      done();
    },
  );

  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const shape = toErrorShape(asCatalogueError(error), { requestId: request.id });
    return reply
      .code(shape.data.httpStatus)
      .type('application/json')
      .send(JSON.stringify({ error: superjson.serialize(shape) }));
  });

  const trpcOptions: DirectOptions = {
    router: appRouter,
    createContext: ({ req, res }) => callContext(services, req, res, 'trpc'),
    inTurn: (run) => services.callQueue.run(run),
    maxBatchSize: limits.batchSize,
    onError({ error, path, req }) {
      const { code, cause } = toCatalogueError(error);
      if (errors[code].status >= 500) req.log.error({ path, err: cause ?? error }, code);
      // The path of no procedure is the caller's own text.
      else req.log.debug({ ...(code !== 'PROCEDURE_NOT_FOUND' && { path }), code }, 'call refused');
    },
  };
  app.addHook('preHandler', answerDirectly(trpcOptions));
  await app.register(fastifyTRPCPlugin, { prefix: '/api/trpc', trpcOptions });
};
