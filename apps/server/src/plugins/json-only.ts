import { CatalogueError } from '@typedo/contract';
import fastifyPlugin from 'fastify-plugin';

/** Their bodies are never read. */
const bodyless = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses what is not plain JSON before a byte of it is read, whichever face it is for: a page of
 * another origin can send forms and text without asking, and what is compressed can be any size.
 */
export const jsonOnly = fastifyPlugin(async (app) => {
  app.addHook('onRequest', ({ method, headers }, _reply, done) => {
    if (bodyless.includes(method)) return done();
    const { 'content-type': type, 'content-encoding': encoding = 'identity' } = headers;
    const mediaType = type?.split(';', 1)[0]?.trim().toLowerCase();
    const isEmpty =
      headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
    const isPlainJson = mediaType === 'application/json' || (type === undefined && isEmpty);
    const isRefused = !isPlainJson || encoding !== 'identity';
    return done(isRefused ? new CatalogueError('UNSUPPORTED_MEDIA_TYPE') : undefined);
  });
});
