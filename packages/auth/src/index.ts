export { createIdentity, type Identity, type IdentityOptions, identityRoutes } from './identity.ts';
export {
  type Actor,
  createVerifier,
  type TrustedIssuer,
  type VerifierOptions,
  type Verify,
} from './verifier.ts';
