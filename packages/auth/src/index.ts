export { type Accounts, createAccounts } from './accounts.ts';
export { createIdentity, type Identity, type IdentityOptions, identityRoutes } from './identity.ts';
export { upTo } from './lru-size.ts';
export {
  createPersonalTokenExchange,
  createPersonalToken,
  isPersonalToken,
  type PersonalTokenExchange,
} from './personal-tokens.ts';
export {
  type Actor,
  createVerifier,
  type TrustedIssuer,
  type VerifierOptions,
  type Verify,
} from './verifier.ts';
export { opensSigningKey } from './secret.ts';
