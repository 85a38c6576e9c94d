import { callByPath, manifest, toJsonText } from '@typedo/api';
import { CatalogueError } from '@typedo/contract';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { requireShallow } from '../../too-deep.ts';
import { callContext, type CallServices } from '../call-context.ts';
import { inputOf } from './input.ts';
import { type RestRoute, restRoutes } from './routes.ts';

/** Where the routes are. */
const restPrefix = '/api/v1';

/** What of an answer HTTP has headers for. */
interface Answer {
  id?: unknown;
  version?: unknown;
  nextCursor?: unknown;
}

const describe = (
  route: RestRoute,
  answer: Answer,
  request: FastifyRequest,
  reply: FastifyReply,
) => {
  const { id, version, nextCursor } = answer;
  if (typeof version === 'number') reply.header('etag', `"${version}"`);
  if (route.status === 201) reply.header('location', `${restPrefix}${route.path}/${String(id)}`);
  if (typeof nextCursor === 'string') {
    const [path = ''] = request.url.split('?', 1);
    const next = new URLSearchParams(request.url.slice(path.length));
    next.set('cursor', nextCursor);
    reply.header('link', `<${path}?${next.toString()}>; rel="next"`);
  }
};

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2 */
const isUnchanged = (request: FastifyRequest, reply: FastifyReply): boolean => {
  const etag = reply.getHeader('etag');
  const known = request.headers['if-none-match']
    ?.split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''));
  return etag !== undefined && (known?.some((tag) => tag === etag || tag === '*') ?? false);
};

const methods: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * The router as REST, at `/api/v1`: each procedure of the manifest at the address that convention
 * gives it. Addresses are read by the input's schema, answers are JSON of what the output's lets out,
 * and errors are problems of RFC 9457.
 */
export const restFace: FastifyPluginAsync<CallServices> = async (app, services) => {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string' },
    (request, body, done) => {
      // Many clients name the type of a body that is not there.
      requireShallow(body);
      if (body === '') done(null);
      else void parse(request, body, done);
    },
  );

  const routes = restRoutes(manifest);
  for (const route of routes) {
    const { method, path, procedure, status } = route;
    app.route({
      method,
      url: restPrefix + path.replaceAll(/\{(\w+)\}/g, ':$1'),
      async handler(request, reply) {
        const input = inputOf(route, request);
        const context = callContext(services, request, reply, 'rest');
        const call = () => callByPath(context, procedure.path, input);
        const answer = await services.callQueue.run(call);
        describe(route, answer as Answer, request, reply);
        if (method === 'GET' && isUnchanged(request, reply)) return reply.code(304).send();
        return reply.code(status).serializer(toJsonText).send(answer);
      },
    });
  }

  for (const [path, here] of Map.groupBy(routes, (route) => route.path)) {
    const allowed = new Set<HTTPMethods>(here.map((route) => route.method));
    if (allowed.has('GET')) allowed.add('HEAD');
    const allow = [...allowed].toSorted().join(', ');
    app.route({
      method: methods.filter((method) => !allowed.has(method)),
      url: restPrefix + path.replaceAll(/\{(\w+)\}/g, ':$1'),
      // Before the body is read, which may be of a type that nothing here takes.
      async onRequest(_request, reply) {
        reply.header('allow', allow);
        throw new CatalogueError('METHOD_NOT_ALLOWED', { message: `It allows ${allow}.` });
      },
      handler: async () => undefined,
    });
  }
};
