import { identityRoutes } from '@typedo/auth';
import { CatalogueError } from '@typedo/contract';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { AppServices } from '../app.ts';

const toHeaders = (request: FastifyRequest): Headers => {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    // The body was read already, and only what the proxies we trust say of an address counts.
    if (/^(content-length|transfer-encoding|connection|x-forwarded-.*|forwarded)$/.test(name))
      continue;
    for (const item of [value].flat()) if (item !== undefined) headers.append(name, item);
  }
  headers.set('x-forwarded-for', request.ip);
  return headers;
};

/** Sign-up, sign-in and sessions at `/api/auth/*`: better-auth's API, the listed part of it. */
export const identityFace: FastifyPluginAsync<
  Pick<AppServices, 'identity' | 'baseUrl' | 'database'>
> = async (app, { identity, baseUrl, database }) => {
  // better-auth reads the body itself.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    // PostgreSQL cannot store it, and better-auth would find out only there.
    const hasNul = body.includes('\\u0000');
    if (hasNul)
      done(new CatalogueError('MALFORMED_REQUEST', { message: 'U+0000 cannot be stored.' }));
    else done(null, body);
  });

  for (const { method, path } of identityRoutes) {
    app.route({
      method,
      url: `/api/auth${path}`,
      async handler(request, reply) {
        const body = typeof request.body === 'string' && request.body !== '' ? request.body : null;
        const response = await identity.handle(
          new Request(new URL(request.url, baseUrl), { method, headers: toHeaders(request), body }),
        );
        // Its own errors have a body for the caller; these are ours.
        if (response.status >= 500) {
          await database.ping();
          throw new CatalogueError('INTERNAL');
        }
        reply.code(response.status);
        for (const [name, value] of response.headers) {
          if (name !== 'set-cookie') reply.header(name, value);
        }
        for (const cookie of response.headers.getSetCookie()) reply.header('set-cookie', cookie);
        return reply.send(response.body && (await response.text()));
      },
    });
  }
};
