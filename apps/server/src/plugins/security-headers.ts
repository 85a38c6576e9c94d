import helmet from '@fastify/helmet';
import fastifyPlugin from 'fastify-plugin';
import type { AppServices } from '../app.ts';

/** This server answers with data: no page, script or frame of it is anyone's business. */
export const securityHeaders = fastifyPlugin<Pick<AppServices, 'baseUrl'>>(
  async (app, { baseUrl }) => {
    await app.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          'default-src': ["'none'"],
          'base-uri': ["'none'"],
          'form-action': ["'none'"],
          'frame-ancestors': ["'none'"],
        },
      },
      strictTransportSecurity: baseUrl.startsWith('https:'),
      crossOriginResourcePolicy: { policy: 'same-site' },
    });
    app.addHook('onRequest', async (_request, reply) => {
      reply.header('cache-control', 'no-store');
    });
  },
);
