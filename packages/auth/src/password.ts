import { hash, verify } from '@node-rs/bcrypt';
import { limits } from '@typedo/contract';
import { APIError } from 'better-auth/api';

// bcrypt reads 72 bytes and ignores the rest: two longer passwords could be one.
const isTooLong = (password: string): boolean => Buffer.byteLength(password) > limits.passwordBytes;

/** Hashes by bcrypt at `cost` (2^cost rounds). @throws PASSWORD_TOO_LONG over 72 bytes of UTF-8 */
export const hashPassword = (cost: number) => async (password: string) => {
  if (isTooLong(password)) {
    throw new APIError('BAD_REQUEST', {
      code: 'PASSWORD_TOO_LONG',
      message: `The password may have at most ${limits.passwordBytes} bytes in UTF-8.`,
    });
  }
  return hash(password, { cost });
};

export const verifyPassword = async (given: { password: string; hash: string }) => {
  const matches = await verify(given.password, given.hash);
  return matches && !isTooLong(given.password);
};
