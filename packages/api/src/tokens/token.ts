import type { PersonalToken, Scope } from '@typedo/contract';
import type { PersonalTokenRow } from '@typedo/db';

/** A row of the database as the wire has it. */
export const toToken = (row: PersonalTokenRow): PersonalToken => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  // As they were when the token was made: the contract's schema checked them then.
  scopes: row.scopes as Scope[],
  expiresAt: row.expiresAt,
  lastUsedAt: row.lastUsedAt,
  createdAt: row.createdAt,
});
