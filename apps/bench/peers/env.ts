import type { JWK } from 'jose';

/** What a peer is started with; whoever serves under `issuer` has signed with the key. */
export const env = {
  port: Number(process.env.PORT),
  databaseUrl: process.env.DATABASE_URL ?? '',
  issuer: process.env.ISSUER ?? '',
  publicKey: JSON.parse(process.env.PUBLIC_KEY ?? '{}') as JWK,
};
