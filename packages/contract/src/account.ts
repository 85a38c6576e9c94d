import { z } from 'zod';
import { type OwnerId, ownerIdSchema } from './ids.ts';
import { type Change, changeSchema } from './history.ts';
import { limits } from './limits.ts';
import { type List, listSchema } from './lists.ts';
import { type PersonalToken, personalTokenSchema } from './personal-tokens.ts';
import type { Schema } from './schema.ts';
import { idempotencyKeySchema } from './sync.ts';
import { type Task, taskSchema } from './tasks.ts';
import { givenText, longText } from './text.ts';

/** Who is calling, as the token says, and since when they have data here. */
export interface Account {
  id: OwnerId;
  /** Null when the token's issuer does not tell. */
  email: string | null;
  name: string | null;
  createdAt: Date;
}
export const accountSchema: Schema<Account> = z
  .object({
    id: ownerIdSchema,
    email: givenText(limits.emailLength)
      .nullable()
      .describe('Null when the issuer of the token does not tell.')
      .meta({ examples: ['ann@example.com'] }),
    name: givenText(limits.userNameLength)
      .nullable()
      .describe('Null when the issuer of the token does not tell.')
      .meta({ examples: ['Ann Example'] }),
    createdAt: z.date(),
  })
  .meta({ title: 'Account', description: 'Who is calling, and since when they have data here.' });

/** The input of a procedure that needs none: `{}` or nothing at all. */
export const noInput = z.strictObject({}).optional();

/** How many rows a user has in each table, by its name in the database. */
export interface AccountRows {
  owners: number;
  lists: number;
  tasks: number;
  personal_tokens: number;
  changes: number;
  idempotency_keys: number;
  auth_users: number;
  auth_accounts: number;
  auth_sessions: number;
}
const rows = z.int().min(0).describe('How many rows there are of the user.');
export const accountRowsSchema: Schema<AccountRows> = z
  .object({
    owners: rows,
    lists: rows,
    tasks: rows,
    personal_tokens: rows,
    changes: rows,
    idempotency_keys: rows,
    auth_users: rows,
    auth_accounts: rows,
    auth_sessions: rows,
  })
  .meta({ title: 'AccountRows', description: 'How many rows a user has in each table.' });

/** A way to sign in: `credential` is a password, of which only a hash is kept, and not exported. */
export interface SignInMethod {
  provider: string;
  createdAt: Date;
}
/** Where and when the user signed in. What the session is known by is not exported. */
export interface SignedInSession {
  id: string;
  ipAddress: string | null;
  userAgent: string | null;
  createdAt: Date;
  expiresAt: Date;
}
/** A call that can be sent again. */
export interface KeptCall {
  /** Its idempotency key. */
  key: string;
  at: Date;
}
/** Everything that the service keeps of a user, but for what only serves to sign in. */
export interface AccountExport {
  exportedAt: Date;
  account: Account;
  /** Who says that it is them: `local` is this service. */
  issuer: string;
  /** By what `issuer` knows them. */
  subject: string;
  signInMethods: SignInMethod[];
  sessions: SignedInSession[];
  tokens: PersonalToken[];
  lists: List[];
  /** Those in the trash too. */
  tasks: Task[];
  /** What became of lists and tasks in the last 30 days, the latest first. */
  changes: Change[];
  /** The calls of the last day that can be sent again; their answers, kept for that, tell no more. */
  calls: KeptCall[];
  /** How many rows of which tables all of this is. */
  rows: AccountRows;
}
const many = { maxItems: limits.exportedRows };
const few = { maxItems: 1000 };
const provider = givenText(100)
  .describe('`credential` is a password.')
  .meta({ examples: ['credential'] });
const address = givenText(45)
  .nullable()
  .meta({ examples: ['203.0.113.7'] });
const userAgent = givenText(16_000)
  .nullable()
  .meta({ examples: ['Mozilla/5.0'] });
export const accountExportSchema: Schema<AccountExport> = z
  .object({
    exportedAt: z.date(),
    account: accountSchema,
    issuer: givenText(2000)
      .describe('Who says that it is them: `local` is this service.')
      .meta({ examples: ['local'] }),
    subject: givenText(255)
      .describe('By what the issuer knows them.')
      .meta({ examples: ['5f0c1f3e-0b1c-4f6e-9a57-0d2f6a3f9c11'] }),
    signInMethods: z.array(z.object({ provider, createdAt: z.date() })).meta(few),
    sessions: z
      .array(
        z.object({
          id: z.uuid().meta({ maxLength: 36 }),
          ipAddress: address,
          userAgent,
          createdAt: z.date(),
          expiresAt: z.date(),
        }),
      )
      .meta(few),
    tokens: z.array(personalTokenSchema).meta({ maxItems: limits.tokens }),
    lists: z.array(listSchema).meta(many),
    tasks: z.array(taskSchema).meta(many),
    changes: z.array(changeSchema).meta(many),
    calls: z.array(z.object({ key: idempotencyKeySchema, at: z.date() })).meta(many),
    rows: accountRowsSchema,
  })
  .meta({ title: 'AccountExport', description: 'Everything that is kept of a user.' });

export interface DeleteAccountInput {
  /** Says that it is meant. */
  confirm: 'delete my account';
  /** May be absent where this service knows no password of theirs: with guests, and other issuers. */
  password?: string | undefined;
}
export const deleteAccountInput: Schema<DeleteAccountInput> = z.strictObject({
  confirm: z
    .literal('delete my account', 'Must be “delete my account”.')
    .describe('Says that it is meant.'),
  password: longText(limits.passwordBytes)
    .optional()
    .describe('The password of the account, for whoever has one here.')
    .meta({ examples: ['correct horse'] }),
});
