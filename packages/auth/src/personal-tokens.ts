import { createHash, randomBytes } from 'node:crypto';
import { CatalogueError, limits } from '@typedo/contract';
import type { OwnerIdentity, TokenDb } from '@typedo/db';
import { LRUCache } from 'lru-cache';
import type { Identity } from './identity.ts';
import { upTo } from './lru-size.ts';
import { ownUsers } from './own-users.ts';

/** Known to secret scanners by its beginning; 160 random bits need no slow hash. */
const form = /^typedo_[0-9a-f]{40}$/;
const secretBytes = 20;
const shownLength = 'typedo_'.length + 6;

const cachedTokens = 10_000;
const usedEveryMs = 60_000;

const hashOf = (token: string) => new Uint8Array(createHash('sha256').update(token).digest());

/** Whether a bearer token has the form of a personal one; all others are access tokens. */
export const isPersonalToken = (token: string): boolean => form.test(token);

/** Makes a token: itself, what is stored to know it again, and how it begins. */
export const createPersonalToken = () => {
  const token = `typedo_${randomBytes(secretBytes).toString('hex')}`;
  return { token, hash: hashOf(token), prefix: token.slice(0, shownLength) };
};

export interface PersonalTokenExchange {
  /**
   * An access token for a personal one: it carries its scopes, ends with it, and is refused soon
   * after it was revoked.
   *
   * @throws TOKEN_INVALID when there is no such token, or it has ended
   */
  exchange(token: string): Promise<string>;
  /** What was exchanged before, and has half its life left: it costs nothing. */
  known(token: string): string | undefined;
}

export function createPersonalTokenExchange(
  db: TokenDb,
  { sign }: Pick<Identity, 'sign'>,
): PersonalTokenExchange {
  const accessTokens = new LRUCache<string, string>(upTo(cachedTokens));

  const userOf = async ({ issuer, subject }: OwnerIdentity) =>
    issuer === ownUsers ? db.findUser(subject) : { email: null, name: null };

  const exchange = async (token: string): Promise<string> => {
    const found = await db.findPersonalToken(hashOf(token));
    const user = found && (await userOf(found));
    const now = Date.now();
    const end = Math.min(
      now + limits.accessTokenSeconds * 1000,
      found?.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
    );
    if (!found || !user || end <= now) {
      const message = 'The personal token is not valid, or no longer.';
      throw new CatalogueError('TOKEN_INVALID', { message });
    }
    const { ownerId, id, scopes, lastUsedAt } = found;
    if (now - (lastUsedAt?.getTime() ?? 0) > usedEveryMs) {
      await db.notePersonalTokenUse(found, new Date(now));
    }
    const claims = { sub: ownerId, exp: Math.floor(end / 1000), pat: id, scope: scopes.join(' ') };
    const accessToken = await sign({ ...claims, ...user });
    // Half its life: whoever gets it from here has the other half for the call.
    accessTokens.set(token, accessToken, { ttl: Math.max(1, (end - now) / 2) });
    return accessToken;
  };

  return { exchange, known: (token) => accessTokens.get(token) };
}
