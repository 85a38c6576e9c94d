import { identityRoutes } from '@typedo/auth';
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
export const identityFace: FastifyPluginAsync<Pick<AppServices, 'identity' | 'baseUrl'>> = async (
  app,
  { identity, baseUrl },
) => {
  // better-auth reads the body itself.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );

  for (const { method, path } of identityRoutes) {
    app.route({
      method,
      url: `/api/auth${path}`,
      async handler(request, reply) {
        const body = typeof request.body === 'string' && request.body !== '' ? request.body : null;
        const response = await identity.handle(
          new Request(new URL(request.url, baseUrl), { method, headers: toHeaders(request), body }),
        );
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
