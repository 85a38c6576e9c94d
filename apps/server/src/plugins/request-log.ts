import { manifest } from '@typedo/api';
import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

const procedures = new Set(manifest.procedures.map(({ path }) => path));

/** The route, and of tRPC's the procedures: nothing that only the caller knows the meaning of. */
const placeOf = ({ routeOptions, params }: FastifyRequest): string => {
  const { url = 'nowhere' } = routeOptions;
  if (!url.startsWith('/api/trpc/')) return url;
  const { path = '' } = params as { path?: string };
  const called = path.split(',').map((name) => (procedures.has(name) ? name : '?'));
  return url.replace(':path', called.join(',').slice(0, 200));
};

/**
 * One line a request, and its id in the answer. Only what cannot hold a secret or a user's text is
 * logged: of the address what the service itself named, and neither the rest of it nor the query.
 */
export const requestLog = fastifyPlugin(async (app) => {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const path = placeOf(request);
    const ms = Math.round(reply.elapsedTime);
    request.log.info(
      { method: request.method, path, status: reply.statusCode, ms },
      'request completed',
    );
    done();
  });
});
