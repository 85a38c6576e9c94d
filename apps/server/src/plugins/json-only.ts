import { CatalogueError, limits } from '@typedo/contract';
import fastifyPlugin from 'fastify-plugin';
import { lingerWhenClosing } from '../linger.ts';

/** Their bodies are never read. */
const bodyless = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses what is not plain JSON before a byte of it is read, whichever face it is for: a page of
 * another origin can send forms and text without asking, and what is compressed can be any size.
 */
export const jsonOnly = fastifyPlugin(async (app) => {
  app.addHook('onRequest', ({ method, headers, raw }, reply, done) => {
    if (bodyless.includes(method)) return done();
    const { 'content-type': type, 'content-encoding': encoding = 'identity' } = headers;
    const mediaType = type?.split(';', 1)[0]?.trim().toLowerCase();
    const isEndless = headers['transfer-encoding'] !== undefined;
    const bytes = isEndless ? Infinity : Number(headers['content-length'] ?? 0);
    const isPlainJson = mediaType === 'application/json' || (type === undefined && bytes === 0);
    const isRefused = !isPlainJson || encoding !== 'identity';
    if (isRefused) reply.header('connection', 'close');
    // Fastify refuses what is too long itself, and closes then.
    if (isRefused || bytes > limits.bodyBytes) lingerWhenClosing(raw.socket);
    return done(isRefused ? new CatalogueError('UNSUPPORTED_MEDIA_TYPE') : undefined);
  });
});
