import fastifyPlugin from 'fastify-plugin';

/**
 * One line a request, and its id in the answer. Only what cannot hold a secret or a user's text is
 * logged: of the address the path, which names procedures, and not the query, which has their input.
 */
export const requestLog = fastifyPlugin(async (app) => {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    const path = request.url.split('?', 1)[0]?.slice(0, 200);
    const ms = Math.round(reply.elapsedTime);
    request.log.info(
      { method: request.method, path, status: reply.statusCode, ms },
      'request completed',
    );
  });
});
