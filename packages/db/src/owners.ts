import { v7 as uuidv7 } from 'uuid';
import type { AuthDb } from './database.ts';
import type { OwnerId } from '@typedo/contract';

/** Whom data belongs to, and since when. */
export interface Owner {
  id: OwnerId;
  createdAt: Date;
}

/** The owner with this id; undefined when their account is gone. */
export const findOwner = async (auth: AuthDb, id: OwnerId): Promise<Owner | undefined> =>
  (await auth.owner.findFirst({ where: { id }, select: { id: true, createdAt: true } })) ??
  undefined;

/** Whom an issuer knows by this subject. */
export interface OwnerIdentity {
  issuer: string;
  subject: string;
}

/** The owner of this identity's data; undefined when they have none, or none any more. */
export const ownerOf = async (
  auth: AuthDb,
  { issuer, subject }: OwnerIdentity,
): Promise<Owner | undefined> =>
  (await auth.owner.findFirst({
    // Spelled out: what comes from a token must never be read as a filter.
    where: { issuer: { equals: issuer }, subject: { equals: subject } },
    select: { id: true, createdAt: true },
  })) ?? undefined;

/** The same, made at their first call. */
export async function ensureOwner(auth: AuthDb, identity: OwnerIdentity): Promise<Owner> {
  const known = await ownerOf(auth, identity);
  if (known) return known;
  // Two first calls at once make one owner: the second insert does nothing.
  const data = [{ id: uuidv7(), ...identity }];
  await auth.owner.createMany({ data, skipDuplicates: true });
  const made = await ownerOf(auth, identity);
  if (!made) throw new Error('The owner that was just made cannot be found.');
  return made;
}
