import { limits } from '@typedo/contract';
import { APIError } from 'better-auth/api';

// bcrypt reads 72 bytes and ignores the rest: two longer passwords could be one.
const isTooLong = (password: string): boolean => Buffer.byteLength(password) > limits.passwordBytes;

/** Of a new password; a wrong one to sign in with is wrong whatever its length. @throws PASSWORD_TOO_LONG */
export const requireHashable = (password: unknown): void => {
  if (typeof password !== 'string' || !isTooLong(password)) return;
  throw new APIError('BAD_REQUEST', {
    code: 'PASSWORD_TOO_LONG',
    message: `The password may have at most ${limits.passwordBytes} bytes in UTF-8.`,
  });
};

// Native code, which is loaded when somebody signs up or in.
const loadBcrypt = () => import('@node-rs/bcrypt');

/** Hashes by bcrypt at `cost`: 2^cost rounds. */
export const hashPassword = (cost: number) => async (password: string) => {
  const { hash } = await loadBcrypt();
  return hash(password, { cost });
};

export const verifyPassword = async (given: { password: string; hash: string }) => {
  const { verify } = await loadBcrypt();
  const matches = await verify(given.password, given.hash);
  return matches && !isTooLong(given.password);
};
