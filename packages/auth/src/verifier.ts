import { CatalogueError, limits } from '@typedo/contract';
import { type AuthDb, ensureOwner, type Owner } from '@typedo/db';
import {
  createRemoteJWKSet,
  decodeJwt,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { LRUCache } from 'lru-cache';
import { createEndedSessions } from './ended-sessions.ts';
import { reloadingKeySet } from './key-set.ts';

/** Somebody else's users who may sign in here: another Better Auth, or any OIDC provider. */
export interface TrustedIssuer {
  /** Its `iss`, an http or https URL. */
  issuer: string;
  audience: string;
  jwksUrl: string;
}

/** A user as a verified token tells of them. */
export interface Actor {
  owner: Owner;
  /** The session behind the token; absent in tokens of other issuers. */
  sessionId: string | undefined;
  email: string | null;
  name: string | null;
}

export interface VerifierOptions {
  db: AuthDb;
  /** Issuer and audience of the service's own tokens. */
  baseUrl: string;
  publicKeys: () => Promise<JSONWebKeySet>;
  trustedIssuers: TrustedIssuer[];
}

/**
 * Tells whose access token it is.
 *
 * @throws TOKEN_INVALID, TOKEN_EXPIRED, SESSION_ENDED, or UNAVAILABLE when an issuer's keys cannot
 * be had
 */
export type Verify = (token: string) => Promise<Actor>;

interface Issuer {
  audience: string;
  algorithms: string[];
  keys: JWTVerifyGetKey;
}

/** The service's own users as owners: their data stays theirs when its address changes. */
const ownUsers = 'local';

const cachedTokens = 10_000;
const cachedOwners = 100_000;
const maxSubjectLength = 255;
const maxTokenLength = 8192;
const clockToleranceSeconds = 5;

/** jose leaves the claim's type to us, and PostgreSQL what it can store. */
const isSubject = (claim: unknown): claim is string =>
  typeof claim === 'string' &&
  claim.length > 0 &&
  claim.length <= maxSubjectLength &&
  claim.isWellFormed() &&
  !claim.includes('\0');

const textOrNull = (claim: unknown): string | null => (typeof claim === 'string' ? claim : null);

/**
 * Verifies access tokens here, without asking anybody: a token costs its signature once, and a look
 * into a map from then on until its end.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8725 for what is checked, and why algorithms are pinned
 */
export function createVerifier(options: VerifierOptions): Verify {
  const { db, baseUrl, publicKeys, trustedIssuers } = options;
  const issuers = new Map<string, Issuer>([
    [
      baseUrl,
      { audience: baseUrl, algorithms: ['EdDSA'], keys: reachable(reloadingKeySet(publicKeys)) },
    ],
    ...trustedIssuers.map(({ issuer, audience, jwksUrl }): [string, Issuer] => [
      issuer,
      {
        audience,
        algorithms: ['EdDSA', 'ES256', 'ES384', 'PS256', 'PS384', 'RS256', 'RS384'],
        keys: reachable(createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 5000 })),
      },
    ]),
  ]);
  const tokens = new LRUCache<string, Actor>({ max: cachedTokens });
  const owners = new LRUCache<string, Owner>({ max: cachedOwners });
  const endedSessions = createEndedSessions(db);

  const ownerOf = async (issuer: string, subject: string): Promise<Owner> => {
    const key = JSON.stringify([issuer, subject]);
    const owner = owners.get(key) ?? (await ensureOwner(db, { issuer, subject }));
    owners.set(key, owner);
    return owner;
  };

  const verify = async (token: string): Promise<Actor> => {
    const { issuer, claims } = await readToken(token, issuers);
    const isOwn = issuer === baseUrl;
    const { sub: subject, exp } = claims;
    if (!isSubject(subject)) {
      throw new CatalogueError('TOKEN_INVALID', { message: 'The access token names no subject.' });
    }
    const actor: Actor = {
      owner: await ownerOf(isOwn ? ownUsers : issuer, subject),
      sessionId: isOwn ? (textOrNull(claims.sid) ?? undefined) : undefined,
      email: textOrNull(claims.email),
      name: textOrNull(claims.name),
    };
    const oldest = (claims.iat ?? 0) + limits.accessTokenSeconds;
    const ttl = Math.min(exp ?? 0, oldest) * 1000 - Date.now();
    if (ttl > 0) tokens.set(token, actor, { ttl });
    return actor;
  };

  return async (token) => {
    const actor = tokens.get(token) ?? (await verify(token));
    if (actor.sessionId && (await endedSessions.has(actor.sessionId))) {
      throw new CatalogueError('SESSION_ENDED');
    }
    return actor;
  };
}

/** Tells a key that does not exist, which is the token's fault, from keys that cannot be had. */
const reachable =
  (keys: JWTVerifyGetKey): JWTVerifyGetKey =>
  async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      const isTokensFault =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported;
      throw isTokensFault ? error : new CatalogueError('UNAVAILABLE', { cause: error });
    }
  };

const readToken = async (
  token: string,
  issuers: Map<string, Issuer>,
): Promise<{ issuer: string; claims: JWTPayload }> => {
  try {
    if (token.length > maxTokenLength) throw new errors.JWTInvalid('too long');
    const { iss = '' } = decodeJwt(token);
    const issuer = issuers.get(iss);
    if (!issuer) throw new errors.JWTInvalid('unknown issuer');
    const { payload } = await jwtVerify(token, issuer.keys, {
      issuer: iss,
      audience: issuer.audience,
      algorithms: issuer.algorithms,
      requiredClaims: ['sub', 'exp', 'iat'],
      maxTokenAge: limits.accessTokenSeconds,
      clockTolerance: clockToleranceSeconds,
    });
    return { issuer: iss, claims: payload };
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      throw new CatalogueError('TOKEN_EXPIRED', { cause: error });
    }
    if (error instanceof CatalogueError) throw error;
    throw new CatalogueError('TOKEN_INVALID', { cause: error });
  }
};
