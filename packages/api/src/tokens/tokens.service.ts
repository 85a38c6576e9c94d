import { createPersonalToken } from '@typedo/auth';
import {
  CatalogueError,
  type CreateTokenInput,
  limits,
  type NewPersonalToken,
  type PageInput,
  type PersonalTokenPage,
  type TokenId,
  type TokenKey,
} from '@typedo/contract';
import { v7 as uuidv7 } from 'uuid';
import type { UserContext } from '../context.ts';
import { afterCursor, orderBy, type Sequence, toPage } from '../cursor.ts';
import { toToken } from './token.ts';

const latestFirst: Sequence = {
  name: 'latest',
  direction: 'desc',
  columns: [{ field: 'id', type: 'id' }],
};

export async function listTokens(
  { db }: UserContext,
  input: PageInput = {},
): Promise<PersonalTokenPage> {
  const limit = input.limit ?? limits.defaultPageSize;
  const rows = await db.personalToken.findMany({
    where: { ...(input.cursor && afterCursor(latestFirst, input.cursor)) },
    orderBy: orderBy(latestFirst),
    take: limit + 1,
  });
  return toPage(latestFirst, rows, limit, toToken);
}

export async function createToken(
  { db, clock }: UserContext,
  { name, scopes, expiresAt }: CreateTokenInput,
): Promise<NewPersonalToken> {
  if (expiresAt && expiresAt <= clock.now()) {
    const issues = [{ path: ['expiresAt'], message: 'Must be in the future.' }];
    throw new CatalogueError('VALIDATION_FAILED', { message: 'Not valid: expiresAt.', issues });
  }
  const { token, hash, prefix } = createPersonalToken();
  const data = { id: uuidv7(), name, prefix, hash, scopes, expiresAt };
  const row = await db.transaction(async (tx) => {
    const all = await tx.personalToken.findMany({ select: { id: true }, take: limits.tokens });
    if (all.length >= limits.tokens) throw new CatalogueError('TOO_MANY_TOKENS');
    return tx.personalToken.create({ data });
  });
  return { ...toToken(row), token };
}

/** Deletes the token; what came of it is refused within seconds, as with a session that ended. */
export async function revokeToken({ db }: UserContext, id: TokenId): Promise<TokenKey> {
  const { count } = await db.personalToken.deleteMany({ where: { id } });
  if (count === 0) throw new CatalogueError('TOKEN_NOT_FOUND');
  return { id };
}
