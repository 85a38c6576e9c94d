import fastifyCors from '@fastify/cors';
import fastifyPlugin from 'fastify-plugin';
import type { AppServices } from '../app.ts';

/** Lets pages of the listed origins call, with their users' cookies for signing in. */
export const cors = fastifyPlugin<Pick<AppServices, 'corsOrigins'>>(
  async (app, { corsOrigins }) => {
    if (corsOrigins.length === 0) return;
    await app.register(fastifyCors, {
      origin: corsOrigins,
      credentials: true,
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: [
        'authorization',
        'content-type',
        'idempotency-key',
        'if-match',
        'if-none-match',
        'traceparent',
      ],
      exposedHeaders: [
        'x-request-id',
        'retry-after',
        'ratelimit',
        'ratelimit-policy',
        'etag',
        'link',
        'location',
        'traceresponse',
      ],
      maxAge: 600,
    });
  },
);
