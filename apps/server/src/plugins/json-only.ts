import type { IncomingHttpHeaders } from 'node:http';
import { CatalogueError, limits } from '@typedo/contract';
import fastifyPlugin from 'fastify-plugin';
import { lingerWhenClosing } from '../linger.ts';

/** Their bodies are never read. */
const bodyless = ['GET', 'HEAD', 'OPTIONS'];

const isPlainJson = (headers: IncomingHttpHeaders, bytes: number): boolean => {
  const { 'content-type': type, 'content-encoding': encoding = 'identity' } = headers;
  const mediaType = type?.split(';', 1)[0]?.trim().toLowerCase();
  const isTyped = mediaType === 'application/json' || (type === undefined && bytes === 0);
  return isTyped && encoding === 'identity';
};

/**
 * Refuses what is not plain JSON before a byte of it is read, whichever face it is for: a page of
 * another origin can send forms and text without asking, and what is compressed can be any size.
 */
export const jsonOnly = fastifyPlugin(async (app) => {
  app.addHook('onRequest', ({ method, headers, raw }, reply, done) => {
    const isEndless = headers['transfer-encoding'] !== undefined;
    const bytes = isEndless ? Infinity : Number(headers['content-length'] ?? 0);
    const isBodyless = bodyless.includes(method);
    const isRefused = !isBodyless && !isPlainJson(headers, bytes);
    const isUnread = isRefused || (isBodyless && bytes > 0);
    if (isUnread) reply.header('connection', 'close');
    // Fastify refuses what is too long itself, and closes then.
    if (isUnread || bytes > limits.bodyBytes) lingerWhenClosing(raw.socket);
    done(isRefused ? new CatalogueError('UNSUPPORTED_MEDIA_TYPE') : undefined);
  });
});
