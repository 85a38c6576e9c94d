import type { OwnerId } from '@typedo/contract';
import { v7 as uuidv7 } from 'uuid';
import type { PersonalToken } from './generated/client.ts';
import type { Result, Statement } from './led-query.ts';

/** Whom data belongs to, and since when. */
export interface Owner {
  id: OwnerId;
  createdAt: Date;
}

/** Whom an issuer knows by this subject. */
export interface OwnerIdentity {
  issuer: string;
  subject: string;
}

/** A pair of keys that access tokens are signed with: the public one as JSON, the other encrypted. */
export interface SigningKey {
  id: string;
  publicKey: string;
  privateKey: string;
  alg: string | null;
  crv: string | null;
  createdAt: Date;
  expiresAt: Date | null;
}

/** A personal token, and whose it is. */
export type FoundToken = Pick<
  PersonalToken,
  'id' | 'ownerId' | 'scopes' | 'expiresAt' | 'lastUsedAt'
> &
  OwnerIdentity;

/** What is asked of identity's tables to know a token and whom it stands for, and to sign one. */
export interface TokenDb {
  /** The owner with this id; undefined when their account is gone. */
  findOwner(id: OwnerId): Promise<Owner | undefined>;
  /** The owner of this identity's data; undefined when they have none, or none any more. */
  ownerOf(identity: OwnerIdentity): Promise<Owner | undefined>;
  /** The same, made at their first call. */
  ensureOwner(identity: OwnerIdentity): Promise<Owner>;
  /** A user of the service's own; undefined when their account is gone. */
  findUser(id: string): Promise<{ email: string; name: string } | undefined>;
  /** The sessions and personal tokens that ended in the last hour, by id. */
  endedCredentials(): Promise<string[]>;
  /** The personal token with this SHA-256; undefined when there is none, or none any more. */
  findPersonalToken(hash: Uint8Array): Promise<FoundToken | undefined>;
  /** Notes when a personal token was used last. */
  notePersonalTokenUse(token: Pick<FoundToken, 'ownerId' | 'id'>, at: Date): Promise<void>;
  /** All there are, the youngest first. */
  signingKeys(): Promise<SigningKey[]>;
  /** Stores one, and gives it as it is stored. */
  addSigningKey(key: Omit<SigningKey, 'id'>): Promise<SigningKey>;
}

const ownerColumns = 'id, created_at as "createdAt"';
const keyColumns = `id, public_key as "publicKey", private_key as "privateKey", alg, crv,
  created_at as "createdAt", expires_at as "expiresAt"`;

/**
 * In SQL, and not by Prisma as better-auth asks: its query compiler takes 10 MB and 0.1 s at its first
 * query, which a server need not have before somebody signs in.
 */
export function tokenDb(run: (statement: Statement) => Promise<Result>): TokenDb {
  const ask = async <Row>(text: string, ...values: unknown[]): Promise<Row[]> =>
    (await run({ text, values })).rows as Row[];
  const askOne = async <Row>(text: string, ...values: unknown[]): Promise<Row | undefined> =>
    (await ask<Row>(text, ...values))[0];

  const ownerOf = ({ issuer, subject }: OwnerIdentity): Promise<Owner | undefined> =>
    askOne(
      `select ${ownerColumns} from owners where issuer = $1 and subject = $2`,
      issuer,
      subject,
    );

  return {
    ownerOf,

    findOwner: (id) => askOne(`select ${ownerColumns} from owners where id = $1`, id),

    async ensureOwner(identity) {
      const { issuer, subject } = identity;
      // Two first calls at once make one owner: the second insert does nothing.
      const made = await askOne<Owner>(
        `insert into owners (id, issuer, subject) values ($1, $2, $3)
        on conflict do nothing returning ${ownerColumns}`,
        uuidv7(),
        issuer,
        subject,
      );
      const owner = made ?? (await ownerOf(identity));
      if (!owner) throw new Error('The owner that was just made cannot be found.');
      return owner;
    },

    findUser: (id) => askOne('select email, name from auth_users where id = $1', id),

    async endedCredentials() {
      const rows = await ask<{ id: string }>('select id from auth_ended_sessions');
      return rows.map(({ id }) => id);
    },

    findPersonalToken: (hash) =>
      askOne(
        `select t.id, t.owner_id as "ownerId", t.scopes, t.expires_at as "expiresAt",
          t.last_used_at as "lastUsedAt", o.issuer, o.subject
        from personal_tokens t join owners o on o.id = t.owner_id where t.hash = $1`,
        hash,
      ),

    async notePersonalTokenUse({ ownerId, id }, at) {
      const text = 'update personal_tokens set last_used_at = $3 where owner_id = $1 and id = $2';
      await ask(text, ownerId, id, at);
    },

    signingKeys: () => ask(`select ${keyColumns} from auth_jwks order by created_at desc`),

    async addSigningKey({ publicKey, privateKey, alg, crv, createdAt, expiresAt }) {
      const added = await askOne<SigningKey>(
        `insert into auth_jwks (public_key, private_key, alg, crv, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6) returning ${keyColumns}`,
        publicKey,
        privateKey,
        alg,
        crv,
        createdAt,
        expiresAt,
      );
      if (!added) throw new Error('PostgreSQL did not return the key that it stored.');
      return added;
    },
  };
}
