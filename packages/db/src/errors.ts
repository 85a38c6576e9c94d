import pg from 'pg';
import { Prisma } from './generated/client.ts';

/** What PostgreSQL says, or a function of ours raises, by its SQLSTATE. @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const raised = (error: unknown, state: string): pg.DatabaseError | undefined =>
  error instanceof pg.DatabaseError && error.code === state ? error : undefined;

const uniqueViolation = '23505';
const foreignKeyViolation = '23503';

/** A row with the same key exists already. */
export const isUniqueViolation = (error: unknown): boolean => !!raised(error, uniqueViolation);

/** What was written belongs to an owner whose account was deleted. */
export const isOwnerGone = (error: unknown): boolean =>
  raised(error, foreignKeyViolation)?.constraint?.endsWith('_owner_id_fkey') ?? false;

/** A row that the statement refers to does not exist, or is still referred to. */
export const isForeignKeyViolation = (error: unknown): boolean =>
  !!raised(error, foreignKeyViolation) && !isOwnerGone(error);

/** A call with this key was answered before. */
export const isKeyTaken = (error: unknown): boolean => !!raised(error, 'TD208');
/** Another write of the user, perhaps the same call, did not end while this one waited. */
export const isWriteInFlight = (error: unknown): boolean => !!raised(error, 'TD425');

/** `undo_revision` found no such revision. */
export const isNoSuchRevision = (error: unknown): boolean => !!raised(error, 'TD404');
/** Why `undo_revision` cannot undo one, in a sentence. */
export const undoBlocked = (error: unknown): string | undefined =>
  raised(error, 'TD409')?.message ??
  (raised(error, foreignKeyViolation) && 'A list that it would bring back into use is gone.');

// PostgreSQL, 08: no connection; 28: no login; 53: nothing free; 57P: it stops; 57014: it took too
// long; 40: transactions met; 55P03: it waited too long for a lock; 25006: it is a copy, until it is
// made the one to write to; 3D000: no database.
const states = String.raw`(08|28|53)\w{3}|57P\d\d|57014|40001|40P01|55P03|25006|3D000`;
// Prisma, P1000 to P1017: no connection; P2024: none free in time; P2028: a transaction lost its own;
// P2034: it met another one and gave way; P2037: too many connections.
const unavailable = new RegExp(
  String.raw`^(P10\d\d|P20(24|28|34|37)|${states}|ECONN\w+|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|EPIPE)$`,
);
const lost = new RegExp(
  'timeout exceeded when trying to connect|^timeout expired$|PostgreSQL does not answer' +
    `|^Connection terminated|terminating connection|is not queryable|^Cannot use a pool after|Code: \`(${states})\``,
);

/** PostgreSQL cannot be reached, or has no connection or lock to give: the same call may work later. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof Error &&
  (error instanceof Prisma.PrismaClientInitializationError ||
    ('code' in error && unavailable.test(String(error.code))) ||
    lost.test(error.message));

// Prisma words these without a value: no connection or none free, a key taken or gone, a statement
// of ours that failed, a table or column that is not there, a transaction lost.
const namesNoValue = /^(P10\d\d|P20(02|03|10|21|22|24|28|34|37))$/;
/** PostgreSQL's codes for what is wrong with a value. */
const ofData = /^22\w{3}$/;

/** Whether an error's message may quote a value, which is a user's. Of Prisma's, all others may. */
export const quotesData = (error: Error): boolean => {
  const { code, cause } = error as { code?: unknown; cause?: { originalCode?: unknown } };
  if (error instanceof Prisma.PrismaClientKnownRequestError && !namesNoValue.test(error.code)) {
    return true;
  }
  return (
    error instanceof Prisma.PrismaClientValidationError ||
    error instanceof Prisma.PrismaClientUnknownRequestError ||
    ofData.test(String(code)) ||
    ofData.test(String(cause?.originalCode)) ||
    /Code: `22/.test(error.message)
  );
};
