import { errorData, toCatalogueError } from '@typedo/api';
import { CatalogueError, type ErrorCode, errors, unavailableSeconds } from '@typedo/contract';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

const ofStatus: Record<number, ErrorCode> = {
  400: 'MALFORMED_REQUEST',
  404: 'PROCEDURE_NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  414: 'MALFORMED_REQUEST',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/** What Fastify itself refuses has a status below 500; the rest is ours. */
export const asCatalogueError = (error: FastifyError | Error): CatalogueError => {
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
  const code = ofStatus[status];
  return code ? new CatalogueError(code, { cause: error }) : toCatalogueError(error);
};

/** @see https://www.rfc-editor.org/rfc/rfc9457 */
export function toProblem(error: CatalogueError, requestId?: string) {
  const { httpStatus: status, ...data } = errorData(error, { requestId });
  return {
    type: `urn:typedo:error:${error.code}`,
    title: errors[error.code].when,
    status,
    detail: error.message,
    ...data,
  };
}

/** Answers with problem details; what broke is logged and not told. */
export const replyWithProblem = (
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
) => {
  const known = asCatalogueError(error);
  const { status } = errors[known.code];
  // https://www.rfc-editor.org/rfc/rfc6750#section-3
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  if (status >= 500) request.log.error({ err: known.cause ?? known }, known.code);
  return reply.code(status).type('application/problem+json').send(toProblem(known, request.id));
};

/** What to answer where no face has its own form of errors, and what goes with a 503 of any. */
export const errorReplies = fastifyPlugin(async (app) => {
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (reply.statusCode === 503) reply.header('retry-after', unavailableSeconds);
    done(null, payload);
  });
  app.setErrorHandler<FastifyError>(replyWithProblem);
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .type('application/problem+json')
      .send(toProblem(new CatalogueError('PROCEDURE_NOT_FOUND'), request.id)),
  );
});
