import type { OwnerId } from '@typedo/contract';
import type { Transaction } from './transaction.ts';

/** Roles that statements run as. None can log in, own a table or bypass row-level security. */
export type DatabaseRole = 'typedo_app' | 'typedo_auth' | 'typedo_operator';

/** On whose behalf, and for which call, a statement runs. It travels with each single statement. */
export interface Scope {
  role: DatabaseRole;
  /** The user whose rows can be seen; absent for roles that serve no single user. */
  ownerId?: OwnerId | undefined;
  /** What acts for the user, such as `session:<id>`: for the change log. */
  actor?: string | undefined;
  /** By which face, such as `rest`: for the change log. */
  face?: string | undefined;
  requestId?: string | undefined;
  /** The transaction that its statements are part of, if they are part of one. */
  transaction?: Transaction | undefined;
}

/** The values of {@link setScopeSql}'s parameters. */
export const scopeValues = (scope: Scope): string[] => [
  scope.role,
  scope.ownerId ?? '',
  scope.actor ?? '',
  scope.face ?? '',
  scope.requestId ?? '',
];

/**
 * Sets role and settings for the transaction at hand and returns no rows. One expression of strict
 * operators, because conditions joined by `and` need not all be evaluated.
 */
export const setScopeSql = `select 1 where (set_config('role', $1, true)
  || set_config('typedo.owner', $2, true)
  || set_config('typedo.actor', $3, true)
  || set_config('typedo.face', $4, true)
  || set_config('typedo.request_id', $5, true)) is null`;
