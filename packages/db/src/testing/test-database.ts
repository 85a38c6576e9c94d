import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../migrate.ts';

/** A migrated database for tests alone: the service's URL, and that of the login that owns it. */
export interface TestDatabase {
  url: string;
  directUrl: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The database that all tests share; each makes its own users in it. */
    database: TestDatabase;
  }
}

const inDatabase = (url: string, name: string): string => {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
};

/** Makes a database on the server of `server`; `drop` takes it away again. */
export async function createTestDatabase(
  server: TestDatabase,
): Promise<TestDatabase & { drop(): Promise<void> }> {
  const name = `typedo_test_${randomBytes(6).toString('hex')}`;
  const run = async (statement: string) => {
    const client = new pg.Client({ connectionString: server.directUrl });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  await run(`create database ${name}`);
  const database = {
    url: inDatabase(server.url, name),
    directUrl: inDatabase(server.directUrl, name),
  };
  await migrate(database);
  return { ...database, drop: () => run(`drop database if exists ${name} with (force)`) };
}
