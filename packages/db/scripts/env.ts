import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

if (existsSync('.env')) process.loadEnvFile('.env');

const { DATABASE_URL, DIRECT_DATABASE_URL, DATA_DIR } = process.env;

if (DIRECT_DATABASE_URL && !DATABASE_URL) {
  console.error('DIRECT_DATABASE_URL is set and DATABASE_URL is not: set both, or neither.');
  process.exit(1);
}

/** The database to work on; absent when it is the embedded one. */
export const databaseUrl = DATABASE_URL || undefined;
export const directDatabaseUrl = DIRECT_DATABASE_URL || databaseUrl;
export const dataDir = resolve(DATA_DIR || '.data');
