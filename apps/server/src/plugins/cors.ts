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
      methods: ['GET', 'POST'],
      allowedHeaders: ['authorization', 'content-type'],
      exposedHeaders: ['x-request-id', 'retry-after'],
      maxAge: 600,
    });
  },
);
