import { z } from 'zod';
import { type TokenId, tokenIdSchema } from './ids.ts';
import { limits } from './limits.ts';
import { type Page, type PageInput, pageInputShape, pageSchema } from './pages.ts';
import type { Schema } from './schema.ts';
import { type Scope, scopes, scopeSchema } from './scopes.ts';
import { givenText, shortText } from './text.ts';

/**
 * A personal access token, which scripts and other programs sign in with: what is known of it, and
 * not the token itself.
 */
export interface PersonalToken {
  id: TokenId;
  name: string;
  /** How the token begins, for its user to know it by. */
  prefix: string;
  scopes: Scope[];
  /** When it ends by itself; null for never. */
  expiresAt: Date | null;
  /** When access was last given for it, to the minute; null before the first time. */
  lastUsedAt: Date | null;
  createdAt: Date;
}

const name = shortText(limits.tokenNameLength)
  .describe('What the token is for.')
  .meta({ examples: ['Backup script'] });
const granted = z
  .array(scopeSchema)
  .min(1, 'Must name at least one scope.')
  .max(scopes.length, 'Must name each scope once.')
  .refine((items) => new Set(items).size === items.length, 'Must name each scope once.')
  .describe('What the token allows.')
  .meta({ examples: [['tasks:read']] });
const expiresAt = z
  .date('Must be an instant, such as 2027-01-01T00:00:00Z, or null.')
  .nullable()
  .describe('When the token ends by itself; null for never.')
  .meta({ examples: ['2027-01-01T00:00:00Z'] });

const shape = {
  id: tokenIdSchema,
  name: givenText(limits.tokenNameLength).meta({ examples: ['Backup script'] }),
  prefix: z
    .string()
    .describe('How the token begins.')
    .meta({ maxLength: 13, pattern: '^typedo_[0-9a-f]{6}$', examples: ['typedo_0a1b2c'] }),
  scopes: z.array(scopeSchema).meta({ maxItems: scopes.length, examples: [['tasks:read']] }),
  expiresAt,
  lastUsedAt: z
    .date()
    .nullable()
    .describe('When access was last given for it; null before the first time.'),
  createdAt: z.date(),
};
export const personalTokenSchema: Schema<PersonalToken> = z
  .object(shape)
  .meta({ title: 'PersonalToken', description: 'What is known of a personal token.' });

export const listTokensInput: Schema<PageInput | undefined> = z
  .strictObject(pageInputShape)
  .optional();
export type PersonalTokenPage = Page<PersonalToken>;
export const personalTokenPageSchema: Schema<PersonalTokenPage> = pageSchema(
  personalTokenSchema,
  'PersonalTokenPage',
);

export interface CreateTokenInput {
  name: string;
  scopes: Scope[];
  expiresAt: Date | null;
}
export const createTokenInput: Schema<CreateTokenInput> = z.strictObject({
  name,
  scopes: granted,
  expiresAt,
});

/** A token that was just made: the only time that it is shown. */
export interface NewPersonalToken extends PersonalToken {
  /** To be kept as secret as a password: `typedo_` and 40 hexadecimal digits. */
  token: string;
}
export const newPersonalTokenSchema: Schema<NewPersonalToken> = z
  .object({
    ...shape,
    token: z
      .string()
      .describe('The token itself, which is shown this once.')
      .meta({
        maxLength: 47,
        pattern: '^typedo_[0-9a-f]{40}$',
        examples: [`typedo_${'0a1b2c3d'.repeat(5)}`],
      }),
  })
  .meta({ title: 'NewPersonalToken', description: 'A personal token that was just made.' });

/** Which token: the input of revoking one, and its answer. */
export interface TokenKey {
  id: TokenId;
}
export const tokenKeySchema: Schema<TokenKey> = z.strictObject({ id: tokenIdSchema });
