import {
  type AccountRows,
  CatalogueError,
  isGuestAddress,
  type OwnerId,
  type SignedInSession,
  type SignInMethod,
} from '@typedo/contract';
import type { Database } from '@typedo/db';
import { ownUsers } from './own-users.ts';
import { verifyPassword } from './password.ts';
import type { Verify } from './verifier.ts';

/** What identity keeps of an owner; of another issuer's user no more than who says who they are. */
export interface KnownUser {
  issuer: string;
  subject: string;
  user: { name: string; email: string } | undefined;
  signInMethods: SignInMethod[];
  sessions: SignedInSession[];
}

/** Users' accounts as a whole. */
export interface Accounts {
  /** @throws SESSION_ENDED when the account is gone */
  describe(ownerId: OwnerId): Promise<KnownUser>;
  /**
   * Deletes everything of an owner and ends all their access: on this server at once, on others
   * within seconds, where nothing can be found or written meanwhile.
   *
   * @param password needed by those who have one here: not by guests, nor by users of other issuers
   * @returns how many rows of each table there were
   * @throws PASSWORD_WRONG; SESSION_ENDED when the account is gone
   */
  delete(ownerId: OwnerId, password: string | undefined): Promise<AccountRows>;
}

export function createAccounts(
  { auth, deleteAccount }: Pick<Database, 'auth' | 'deleteAccount'>,
  verify: Pick<Verify, 'forget'>,
): Accounts {
  const identityOf = async (ownerId: OwnerId) => {
    const select = { issuer: true, subject: true };
    const identity = await auth.owner.findFirst({ where: { id: ownerId }, select });
    if (!identity) throw new CatalogueError('SESSION_ENDED');
    const userId = identity.issuer === ownUsers ? identity.subject : undefined;
    return { ...identity, userId };
  };

  const requirePassword = async (userId: string, given: string | undefined): Promise<void> => {
    const user = await auth.user.findFirst({
      where: { id: userId },
      select: { email: true, accounts: { select: { password: true } } },
    });
    const hash = user?.accounts.find(({ password }) => password !== null)?.password;
    if (!user || !hash || isGuestAddress(user.email)) return;
    const isRight = given !== undefined && (await verifyPassword({ password: given, hash }));
    if (!isRight) throw new CatalogueError('PASSWORD_WRONG');
  };

  return {
    async describe(ownerId) {
      const { issuer, subject, userId } = await identityOf(ownerId);
      if (!userId) return { issuer, subject, user: undefined, signInMethods: [], sessions: [] };
      const where = { userId };
      const [user, methods, sessions] = await Promise.all([
        auth.user.findFirst({ where: { id: userId }, select: { name: true, email: true } }),
        auth.account.findMany({ where, select: { providerId: true, createdAt: true } }),
        auth.session.findMany({
          where,
          select: { id: true, ipAddress: true, userAgent: true, createdAt: true, expiresAt: true },
          orderBy: { createdAt: 'asc' },
        }),
      ]);
      const signInMethods = methods.map(({ providerId: provider, createdAt }) => ({
        provider,
        createdAt,
      }));
      return { issuer, subject, user: user ?? undefined, signInMethods, sessions };
    },

    async delete(ownerId, password) {
      const { userId } = await identityOf(ownerId);
      if (userId) await requirePassword(userId, password);
      const rows = await deleteAccount(ownerId, userId);
      verify.forget(ownerId);
      return rows;
    },
  };
}
