import type { AuthDb } from '@typedo/db';
import { symmetricDecrypt } from 'better-auth/crypto';

/** Whether `secret` opens the present signing key as it is stored; true where there is none yet. */
export async function opensSigningKey(db: AuthDb, secret: string): Promise<boolean> {
  const key = await db.jwks.findFirst({
    orderBy: { createdAt: 'desc' },
    select: { privateKey: true },
  });
  if (!key) return true;
  // As better-auth's JWT plugin writes it: an encrypted text, as JSON.
  const data = JSON.parse(key.privateKey) as string;
  return symmetricDecrypt({ key: secret, data }).then(
    () => true,
    () => false,
  );
}
