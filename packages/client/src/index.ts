export { type ClientOptions, createClient, type TypedoClient } from './client.ts';
export { isTypedoError, type TypedoError } from './errors.ts';
export { type Credentials, type Session, SignInError, signIn, signOut, signUp } from './session.ts';
export type { ClientAuth } from './tokens.ts';
export { errors, limits } from '@typedo/contract';
export type * from '@typedo/contract';
