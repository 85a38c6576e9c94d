import {
  createTokenInput,
  listTokensInput,
  newPersonalTokenSchema,
  personalTokenPageSchema,
  tokenKeySchema,
} from '@typedo/contract';
import { protectedProcedure } from '../trpc.ts';
import { createToken, listTokens, revokeToken } from './tokens.service.ts';

/** By session only: a token that could make tokens would have the scopes of them all. */
export const tokensRouter = {
  list: protectedProcedure({
    summary: "Lists the user's personal tokens, latest first.",
    access: 'session',
  })
    .input(listTokensInput)
    .output(personalTokenPageSchema)
    .query(({ ctx, input }) => listTokens(ctx, input)),

  create: protectedProcedure({
    summary: 'Makes a personal token for scripts and other programs, and shows it this once.',
    errors: ['TOO_MANY_TOKENS'],
    access: 'session',
  })
    .input(createTokenInput)
    .output(newPersonalTokenSchema)
    .mutation(({ ctx, input }) => createToken(ctx, input)),

  revoke: protectedProcedure({
    summary: 'Revokes a personal token, which ends all access that came of it within seconds.',
    errors: ['TOKEN_NOT_FOUND'],
    access: 'session',
    rest: 'DELETE /tokens/{id}',
  })
    .input(tokenKeySchema)
    .output(tokenKeySchema)
    .mutation(({ ctx, input }) => revokeToken(ctx, input.id)),
};
