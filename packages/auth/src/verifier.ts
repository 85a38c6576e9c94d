import { CatalogueError, limits, type OwnerId } from '@typedo/contract';
import type { Owner, OwnerIdentity, TokenDb } from '@typedo/db';
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
import { upTo } from './lru-size.ts';
import { ownUsers } from './own-users.ts';

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
  /** The session or the personal token behind the access token; absent with other issuers. */
  credential: { kind: 'session' | 'token'; id: string } | undefined;
  /** What a personal token allows; undefined where there is no limit. */
  scopes: readonly string[] | undefined;
  email: string | null;
  name: string | null;
}

export interface VerifierOptions {
  db: TokenDb;
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
export interface Verify {
  (token: string): Promise<Actor>;
  /** Refuses from now on whatever token there is of an owner whose account was deleted. */
  forget(ownerId: OwnerId): void;
}

interface Issuer {
  audience: string;
  algorithms: string[];
  keys: JWTVerifyGetKey;
}

// About 1 kB each.
const cachedTokens = 10_000;
const cachedOwners = 20_000;
const rememberedDeletions = 100_000;
/** A cache lets go of what ended only when it is asked for, and nobody asks for a token that ended. */
const purgeEveryMs = 60_000;
const maxSubjectLength = 255;
const maxTokenLength = 8192;
const clockToleranceSeconds = 5;
const tokenLifeMs = (limits.accessTokenSeconds + clockToleranceSeconds) * 1000;

/** jose leaves the claim's type to us, and PostgreSQL what it can store. */
const isSubject = (claim: unknown): claim is string =>
  typeof claim === 'string' &&
  claim.length > 0 &&
  claim.length <= maxSubjectLength &&
  claim.isWellFormed() &&
  !claim.includes('\0');

/**
 * Whether a token is written as RFC 7515 has it and in no other way: decoders overlook padding,
 * blanks, and the last bits of a signature, so that one token could be had in many writings.
 */
const isCanonical = (token: string): boolean => {
  const [, signature] = /^[\w-]+\.[\w-]+\.([\w-]+)$/.exec(token) ?? [];
  return (
    signature !== undefined &&
    Buffer.from(signature, 'base64url').toString('base64url') === signature
  );
};

/** Tokens for other purposes, such as logout, have a type of their own: RFC 8725, section 3.11. */
const isAccessTokenType = (type: string | undefined): boolean =>
  type === undefined || /^(application\/)?(at\+)?jwt$/i.test(type);

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
  const tokens = new LRUCache<string, Actor>(upTo(cachedTokens));
  let purgedAt = performance.now();
  // Who deletes their account on another server is another owner when they come back.
  const owners = new LRUCache<string, Owner>({ ...upTo(cachedOwners), ttl: tokenLifeMs });
  const deletedOwners = new LRUCache<OwnerId, true>({
    ...upTo(rememberedDeletions),
    ttl: tokenLifeMs,
  });
  const endedSessions = createEndedSessions(db);

  /** At their first call, and not when the account was deleted, whose tokens outlive it. */
  const makeOwner = async (identity: OwnerIdentity): Promise<Owner> => {
    const isGone = identity.issuer === ownUsers && !(await db.findUser(identity.subject));
    if (isGone) throw new CatalogueError('SESSION_ENDED');
    return db.ensureOwner(identity);
  };

  const ownerBy = async (identity: OwnerIdentity): Promise<Owner> => {
    const key = JSON.stringify([identity.issuer, identity.subject]);
    const owner = owners.get(key) ?? (await db.ownerOf(identity)) ?? (await makeOwner(identity));
    owners.set(key, owner);
    return owner;
  };

  /** Of a token that was issued for a personal one: its subject is the owner. */
  const ownerById = async (id: string): Promise<Owner> => {
    const owner = owners.get(id) ?? (await db.findOwner(id));
    if (!owner) throw new CatalogueError('TOKEN_INVALID');
    owners.set(id, owner);
    return owner;
  };

  const actorOf = async (issuer: string, subject: string, claims: JWTPayload) => {
    const { pat, sid, scope, email, name } = claims;
    const isOwn = issuer === baseUrl;
    const known = { email: textOrNull(email), name: textOrNull(name) };
    if (isOwn && typeof pat === 'string') {
      const owner = await ownerById(subject);
      const scopes = typeof scope === 'string' ? scope.split(' ') : [];
      return { ...known, owner, credential: { kind: 'token', id: pat }, scopes } satisfies Actor;
    }
    const owner = await ownerBy({ issuer: isOwn ? ownUsers : issuer, subject });
    const credential =
      isOwn && typeof sid === 'string' ? { kind: 'session' as const, id: sid } : undefined;
    return { ...known, owner, credential, scopes: undefined } satisfies Actor;
  };

  const verify = async (token: string): Promise<Actor> => {
    const { issuer, claims } = await readToken(token, issuers);
    const { sub: subject, exp } = claims;
    if (!isSubject(subject)) {
      throw new CatalogueError('TOKEN_INVALID', { message: 'The access token names no subject.' });
    }
    const actor = await actorOf(issuer, subject, claims);
    const oldest = (claims.iat ?? 0) + limits.accessTokenSeconds;
    const ttl = Math.min(exp ?? 0, oldest) * 1000 - Date.now();
    if (performance.now() > purgedAt + purgeEveryMs) {
      tokens.purgeStale();
      purgedAt = performance.now();
    }
    if (ttl > 0) tokens.set(token, actor, { ttl });
    return actor;
  };

  const verifyLiving = async (token: string): Promise<Actor> => {
    const actor = tokens.get(token) ?? (await verify(token));
    const { owner, credential } = actor;
    const hasEnded = credential && (await endedSessions.has(credential.id));
    if (hasEnded || deletedOwners.has(owner.id)) throw new CatalogueError('SESSION_ENDED');
    return actor;
  };
  const forget = (ownerId: OwnerId): void => {
    deletedOwners.set(ownerId, true);
    for (const [key, { id }] of owners.entries()) if (id === ownerId) owners.delete(key);
  };
  return Object.assign(verifyLiving, { forget });
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
    if (token.length > maxTokenLength || !isCanonical(token)) {
      throw new errors.JWTInvalid('not written as a token is');
    }
    const { iss = '' } = decodeJwt(token);
    const issuer = issuers.get(iss);
    if (!issuer) throw new errors.JWTInvalid('unknown issuer');
    const { payload, protectedHeader } = await jwtVerify(token, issuer.keys, {
      issuer: iss,
      audience: issuer.audience,
      algorithms: issuer.algorithms,
      requiredClaims: ['sub', 'exp', 'iat'],
      maxTokenAge: limits.accessTokenSeconds,
      clockTolerance: clockToleranceSeconds,
    });
    if (!isAccessTokenType(protectedHeader.typ)) throw new errors.JWTInvalid('of another type');
    return { issuer: iss, claims: payload };
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      throw new CatalogueError('TOKEN_EXPIRED', { cause: error });
    }
    if (error instanceof CatalogueError) throw error;
    throw new CatalogueError('TOKEN_INVALID', { cause: error });
  }
};
