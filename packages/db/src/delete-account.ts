import type { AccountRows, OwnerId } from '@typedo/contract';
import type { DatabaseRole } from './scope.ts';
import { begin, keepLock, type ScopedPool, scopePrelude } from './scoped-pool.ts';

/**
 * Deletes all that is kept of an owner, and of the user of ours whom they are, in one transaction.
 * Whatever they write meanwhile comes before it, or is refused.
 *
 * @param userId the user that better-auth keeps; undefined when another issuer does
 * @returns how many rows of each table there were
 */
export function deleteAccount(
  pool: ScopedPool,
  ownerId: OwnerId,
  userId: string | undefined,
): Promise<AccountRows> {
  const opening = [begin, scopePrelude({ role: 'typedo_app', ownerId }), keepLock];
  return pool.transact(opening, async (transaction) => {
    let role: DatabaseRole = 'typedo_app';
    const remove = async (as: DatabaseRole, table: string, key: string, id: string) => {
      if (as !== role) await transaction.query(scopePrelude({ role: as, ownerId }));
      role = as;
      const text = `delete from ${table} where ${key} = $1`;
      return (await transaction.query({ text, values: [id] })).rowCount ?? 0;
    };
    const ofOwner = (as: DatabaseRole, table: string) => remove(as, table, 'owner_id', ownerId);
    // No user may touch their log.
    const changes = await ofOwner('typedo_operator', 'changes');
    const idempotency_keys = await ofOwner('typedo_operator', 'idempotency_keys');
    // What refers to others goes before them.
    const tasks = await ofOwner('typedo_app', 'tasks');
    const lists = await ofOwner('typedo_app', 'lists');
    const personal_tokens = await ofOwner('typedo_app', 'personal_tokens');
    // That these went was logged, too.
    await ofOwner('typedo_operator', 'changes');
    const owners = await remove('typedo_auth', 'owners', 'id', ownerId);
    const data = { tasks, lists, personal_tokens, changes, idempotency_keys, owners };
    if (!userId) return { ...data, auth_sessions: 0, auth_accounts: 0, auth_users: 0 };
    const auth_sessions = await remove('typedo_auth', 'auth_sessions', 'user_id', userId);
    const auth_accounts = await remove('typedo_auth', 'auth_accounts', 'user_id', userId);
    const auth_users = await remove('typedo_auth', 'auth_users', 'id', userId);
    return { ...data, auth_sessions, auth_accounts, auth_users };
  });
}
