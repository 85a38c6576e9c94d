import { opensSigningKey } from '@typedo/auth';
import type { Database } from '@typedo/db';
import { type Check, examine } from '@typedo/db/doctor';

export const wrongSecret =
  'BETTER_AUTH_SECRET is not the one that the signing keys in the database were encrypted with. ' +
  'Set the former secret; or, to give it up, delete the rows of auth_jwks.';

/** What is looked at. */
export interface Installation {
  urls: { url: string; directUrl: string };
  /** Whether the PostgreSQL is this installation's own, which nobody else can hold up. */
  isEmbedded: boolean;
  database: Database;
  secret: string;
}

const checkSecret = async ({ database, secret }: Installation): Promise<Check> => ({
  name: 'secret',
  ...((await opensSigningKey(database.tokens, secret))
    ? { found: 'it opens the signing key in the database' }
    : {
        wrong: [wrongSecret],
      }),
});

async function* examineAll(installation: Installation): AsyncGenerator<Check> {
  let isMigrated = false;
  for await (const check of examine(installation.urls)) {
    if (check.name === 'migrations') isMigrated = 'found' in check;
    if (!(installation.isEmbedded && check.name === 'timeouts')) yield check;
  }
  if (isMigrated) yield checkSecret(installation);
}

/** Prints what is well and what is wrong, a line each, with what to do; tells whether all is well. */
export async function doctor(installation: Installation): Promise<boolean> {
  let isWell = true;
  console.log('ok     configuration: complete');
  for await (const check of examineAll(installation)) {
    if ('found' in check) {
      console.log(`ok     ${check.name}: ${check.found}`);
      continue;
    }
    isWell = false;
    for (const sentence of check.wrong) console.log(`wrong  ${check.name}: ${sentence}`);
  }
  return isWell;
}
