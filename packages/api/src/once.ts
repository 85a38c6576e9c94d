import { createHash } from 'node:crypto';
import { CatalogueError } from '@typedo/contract';
import { isKeyTaken, isWriteInFlight, type UserDb } from '@typedo/db';
import superjson from 'superjson';
import { toSuperjsonText } from './serialize-answer.ts';

/** A call that may be sent again. */
export interface RepeatableCall {
  key: string;
  path: string;
  input: unknown;
}

const inOrder = (_name: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;

const fingerprintOf = ({ path, input }: RepeatableCall): string =>
  createHash('sha256')
    .update(JSON.stringify([path, input], inOrder))
    .digest('base64url');

/**
 * Runs `work` in one transaction with the call's key, so that it happens once however often the call
 * is sent: later ones get the answer of the first. A call that failed leaves no key.
 *
 * @throws KEY_REUSED when the key came with another call; IN_FLIGHT when another write of the user,
 * perhaps of the same call, took too long to end
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07
 */
export async function once(
  db: UserDb,
  call: RepeatableCall,
  work: (db: UserDb) => Promise<unknown>,
): Promise<unknown> {
  const { key } = call;
  const fingerprint = fingerprintOf(call);
  try {
    return await db.transaction(work, {
      key,
      fingerprint,
      toAnswer: toSuperjsonText,
    });
  } catch (error) {
    if (isWriteInFlight(error)) throw new CatalogueError('IN_FLIGHT', { cause: error });
    if (!isKeyTaken(error)) throw error;
  }
  const known = await db.idempotencyKey.findFirst({
    where: { key },
    select: { fingerprint: true, answer: true },
  });
  // Just deleted, because it was a day old.
  if (!known) throw new CatalogueError('IN_FLIGHT');
  if (known.fingerprint !== fingerprint) throw new CatalogueError('KEY_REUSED');
  return superjson.parse(known.answer);
}
