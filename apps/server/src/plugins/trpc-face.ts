import { fastifyTRPCPlugin, type FastifyTRPCPluginOptions } from '@trpc/server/adapters/fastify';
import { appRouter, type Context, toCatalogueError, toErrorShape } from '@typedo/api';
import type { Actor } from '@typedo/auth';
import { CatalogueError, errors, limits } from '@typedo/contract';
import type { FastifyError, FastifyPluginAsync, FastifyRequest } from 'fastify';
import superjson from 'superjson';
import type { AppServices } from '../app.ts';
import { asCatalogueError } from './error-replies.ts';

const bearerToken = ({ headers }: FastifyRequest): string | undefined =>
  /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];

/** The router at `/api/trpc`, on tRPC's own wire. */
export const trpcFace: FastifyPluginAsync<
  Pick<AppServices, 'database' | 'verify' | 'clock'>
> = async (app, { database, verify, clock }) => {
  const createContext = ({ req }: { req: FastifyRequest }): Context => {
    // One verification a request, however many calls it carries, and none for unknown procedures.
    let actor: Promise<Actor> | undefined;
    return {
      authenticate() {
        const token = bearerToken(req);
        actor ??= token ? verify(token) : Promise.reject(new CatalogueError('UNAUTHENTICATED'));
        return actor;
      },
      database,
      requestId: req.id,
      clock,
    };
  };

  // tRPC's plugin takes multipart bodies too, which a foreign page could send and no limit stops.
  app.addHook('onRequest', async ({ method, headers }) => {
    if (!['GET', 'HEAD', 'POST'].includes(method)) throw new CatalogueError('METHOD_NOT_ALLOWED');
    const mediaType = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
    if (method === 'POST' && mediaType !== 'application/json') {
      throw new CatalogueError('UNSUPPORTED_MEDIA_TYPE');
    }
  });

  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const shape = toErrorShape(asCatalogueError(error), { requestId: request.id });
    return reply
      .code(shape.data.httpStatus)
      .type('application/json')
      .send(JSON.stringify({ error: superjson.serialize(shape) }));
  });

  await app.register(fastifyTRPCPlugin, {
    prefix: '/api/trpc',
    trpcOptions: {
      router: appRouter,
      createContext,
      maxBatchSize: limits.batchSize,
      onError({ error, path, req }) {
        const { code, cause } = toCatalogueError(error);
        if (errors[code].status >= 500) req.log.error({ path, err: cause ?? error }, code);
        else req.log.debug({ path, code }, 'call refused');
      },
    },
  } satisfies FastifyTRPCPluginOptions<typeof appRouter>);
};
