import { v7 as uuidv7 } from 'uuid';
import type { AuthDb } from './database.ts';
import type { OwnerId } from '@typedo/contract';

/** Whom data belongs to, and since when. */
export interface Owner {
  id: OwnerId;
  createdAt: Date;
}

/** The owner of the data of whom an issuer calls by this subject; made at their first call. */
export async function ensureOwner(
  auth: AuthDb,
  identity: { issuer: string; subject: string },
): Promise<Owner> {
  const { issuer, subject } = identity;
  const find = () =>
    auth.owner.findFirst({
      // Spelled out: what comes from a token must never be read as a filter.
      where: { issuer: { equals: issuer }, subject: { equals: subject } },
      select: { id: true, createdAt: true },
    });
  const known = await find();
  if (known) return known;
  // Two first calls at once make one owner: the second insert does nothing.
  await auth.owner.createMany({ data: [{ id: uuidv7(), issuer, subject }], skipDuplicates: true });
  const made = await find();
  if (!made) throw new Error('The owner that was just made cannot be found.');
  return made;
}
