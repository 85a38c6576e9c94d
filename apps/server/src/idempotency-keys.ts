import { CatalogueError, idempotencyKeySchema } from '@typedo/contract';
import type { FastifyRequest } from 'fastify';

/**
 * The idempotency keys of a request's calls in their order, of which a call without one has an empty
 * place: `Idempotency-Key: "a", , "c"`. A request of one call has one.
 *
 * @throws MALFORMED_REQUEST
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07
 */
export function keysOf({ headers }: FastifyRequest): (string | undefined)[] {
  const header = headers['idempotency-key'];
  if (header === undefined) return [];
  return String(header)
    .split(',')
    .map((item) => {
      // As the draft writes it, or bare.
      const key = item.trim().replace(/^"(.*)"$/, '$1');
      if (key === '') return undefined;
      const { error } = idempotencyKeySchema.safeParse(key);
      const reason = error?.issues[0]?.message;
      if (!reason) return key;
      throw new CatalogueError('MALFORMED_REQUEST', { message: `Idempotency-Key: ${reason}` });
    });
}
