import { Prisma } from './generated/client.ts';

const isKnown = (error: unknown, code: string): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError && error.code === code;

/** A row with the same key exists already. */
export const isUniqueViolation = (error: unknown): boolean => isKnown(error, 'P2002');

/** A row that the statement refers to does not exist, or is still referred to. */
export const isForeignKeyViolation = (error: unknown): boolean => isKnown(error, 'P2003');

// P1000 to P1017: no connection; P2024: none free in time; P2028: a transaction lost its own;
// P2034: it met another one and gave way.
const unavailable = /^(P10\d\d|P2024|P2028|P2034)$/;
const lost =
  /timeout exceeded when trying to connect|^Connection terminated|ECONNRESET|terminating connection/;

/** PostgreSQL cannot be reached, or has no connection to give: the same call may work later. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof Prisma.PrismaClientInitializationError ||
  (error instanceof Prisma.PrismaClientKnownRequestError && unavailable.test(error.code)) ||
  (error instanceof Error && lost.test(error.message));
