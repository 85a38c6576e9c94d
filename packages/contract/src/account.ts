import { z } from 'zod';
import { type OwnerId, ownerIdSchema } from './ids.ts';
import type { Schema } from './schema.ts';

/** Who is calling, as the token says, and since when they have data here. */
export interface Account {
  id: OwnerId;
  /** Null when the token's issuer does not tell. */
  email: string | null;
  name: string | null;
  createdAt: Date;
}
export const accountSchema: Schema<Account> = z.object({
  id: ownerIdSchema,
  email: z.string().nullable(),
  name: z.string().nullable(),
  createdAt: z.date(),
});

/** The input of a procedure that needs none: `{}` or nothing at all. */
export const noInput = z.strictObject({}).optional();
