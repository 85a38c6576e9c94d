import type { TokenDb } from '@typedo/db';
import { symmetricDecrypt } from 'better-auth/crypto';

/** Whether `secret` opens the present signing key as it is stored; true where there is none yet. */
export async function opensSigningKey(tokens: TokenDb, secret: string): Promise<boolean> {
  const [key] = await tokens.signingKeys();
  if (!key) return true;
  // As better-auth's JWT plugin writes it: an encrypted text, as JSON.
  const data = JSON.parse(key.privateKey) as string;
  return symmetricDecrypt({ key: secret, data }).then(
    () => true,
    () => false,
  );
}
