import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { AppServices } from '../app.ts';
import type { RequestTrace } from '../tracing.ts';

/** Asked every second by whoever watches over the service, and of no user's doing. */
const health = ['/livez', '/readyz'];

/**
 * Has each request be a span of its caller's trace, or begin one. Log lines say which, and so does the
 * answer, where it is sampled: a browser then reports its own part.
 *
 * @see https://www.w3.org/TR/trace-context/
 */
export const traces = fastifyPlugin<Pick<AppServices, 'tracing'>>(async (app, { tracing }) => {
  if (!tracing) return;
  const open = new WeakMap<FastifyRequest, RequestTrace>();
  const end = (request: FastifyRequest, status: number): void => {
    const { id, routeOptions } = request;
    open.get(request)?.end({ id, route: routeOptions.url ?? 'none', status });
    open.delete(request);
  };

  app.addHook('onRequest', (request, reply, done) => {
    if (health.includes(request.url)) return done();
    const trace = tracing.request(request.method, request.headers['traceparent']);
    open.set(request, trace);
    request.log = request.log.child({ traceId: trace.id });
    if (trace.traceresponse) reply.header('traceresponse', trace.traceresponse);
    done();
  });
  // Reading the body loses what was going on before.
  app.addHook('preHandler', (request, _reply, done) => {
    const trace = open.get(request);
    if (trace) trace.run(done);
    else done();
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    // A stream may go on for days; what it does meanwhile is no part of how it was opened.
    const type = payload instanceof Response ? payload.headers.get('content-type') : undefined;
    if (type?.startsWith('text/event-stream')) end(request, reply.statusCode);
    done(null, payload);
  });
  app.addHook('onResponse', (request, reply, done) => {
    end(request, reply.statusCode);
    done();
  });
});
