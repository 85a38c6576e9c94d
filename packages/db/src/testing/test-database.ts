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
  const asOwner = async (work: (client: pg.Client) => Promise<unknown>): Promise<void> => {
    const client = new pg.Client({ connectionString: server.directUrl });
    await client.connect();
    try {
      await work(client);
    } finally {
      await client.end();
    }
  };
  await asOwner((client) => client.query(`create database ${name}`));
  const database = {
    url: inDatabase(server.url, name),
    directUrl: inDatabase(server.directUrl, name),
  };
  await migrate(database);
  const drop = async (client: pg.Client): Promise<void> => {
    // A pooler stays connected. "with (force)" would be refused where autovacuum is at work, or
    // somebody is just leaving; a plain drop waits for both.
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = $1 and pg_has_role(usesysid, 'usage')`,
      [name],
    );
    try {
      await client.query(`drop database if exists ${name}`);
    } catch (error) {
      // It waits five seconds for those who are leaving.
      if ((error as pg.DatabaseError).code !== '55006') throw error;
      await drop(client);
    }
  };
  return { ...database, drop: () => asOwner(drop) };
}
