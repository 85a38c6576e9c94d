/** Why there is no embedded PostgreSQL, as a sentence for the person who started the server. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

export const ownServer = 'set DATABASE_URL to a PostgreSQL server of your own';

/** The code of a system or PostgreSQL error. */
export function errorCode(error: unknown): string | undefined {
  const has = error instanceof Error && 'code' in error && typeof error.code === 'string';
  return has ? String(error.code) : undefined;
}
