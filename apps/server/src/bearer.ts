import type { FastifyRequest } from 'fastify';

/**
 * The token of a request's `Authorization` header; undefined when there are two such headers, of
 * which a proxy could have judged the other.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export const bearerToken = ({ headers, raw }: FastifyRequest): string | undefined => {
  const isOne = (raw.headersDistinct.authorization?.length ?? 0) === 1;
  return isOne ? /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] : undefined;
};
