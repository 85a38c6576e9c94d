import pg from 'pg';
import { ensureRoles } from './roles.ts';
import { schemaRole, withSchemaEngine } from './schema-engine.ts';

export { DatabaseSetupError } from './roles.ts';

/** Any number: it keeps two processes from migrating one database at once. */
const migrationLock = 7_389_163_002;

export interface MigrateOptions {
  /** A direct URL (no transaction pooler) of a login that may act as typedo_schema. */
  directUrl: string;
  /** The service's own URL, whose login is let act as the runtime roles. */
  url: string;
}

const loginOf = (url: string): string => decodeURIComponent(new URL(url).username);

const locked = async <Result>(url: string, work: (client: pg.Client) => Promise<Result>) => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    return await work(client);
  } finally {
    await client.end();
  }
};

/**
 * Brings the database up to the schema: roles first, then each migration that it lacks, as
 * `prisma migrate deploy` would. Safe to run from several processes at once.
 *
 * @returns the names of the migrations that were applied
 * @throws DatabaseSetupError when the login lacks a right or the server is too old
 */
export async function migrate({ directUrl, url }: MigrateOptions): Promise<string[]> {
  return locked(directUrl, async (client) => {
    await ensureRoles(client, loginOf(url));
    return withSchemaEngine(directUrl, async ({ engine, migrationsList, filters }) => {
      const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters });
      return appliedMigrationNames;
    });
  });
}

/** Drops everything that migrations made, data included. */
export async function dropSchema({ directUrl, url }: MigrateOptions): Promise<void> {
  await locked(directUrl, async (client) => {
    await ensureRoles(client, loginOf(url));
    await client.query(`set role ${schemaRole}`);
    await client.query(`drop owned by ${schemaRole} cascade`);
  });
}

/** Each new table of users' data is protected in the migration that makes it. */
const protection = (sql: string): string =>
  [...sql.matchAll(/CREATE TABLE "(\w+)" \(\s+"owner_id"/g)]
    .map(([, table]) => `\nCALL protect_owned_table('${table}');\n`)
    .join('');

/**
 * The SQL that takes the migrations' schema to the one in `schemaPrisma`; null when they agree.
 * Works in a shadow database, for which the login needs CREATEDB.
 */
export async function diffSchema(
  { directUrl, url }: MigrateOptions,
  schemaPrisma: string,
): Promise<string | null> {
  return locked(directUrl, async (client) => {
    await ensureRoles(client, loginOf(url));
    return withSchemaEngine(directUrl, async ({ engine, migrationsList, filters }) => {
      const diff = await engine.diff({
        from: { tag: 'migrations', ...migrationsList },
        to: {
          tag: 'schemaDatamodel',
          files: [{ path: 'prisma/schema.prisma', content: schemaPrisma }],
        },
        script: true,
        exitCode: true,
        filters,
      });
      return diff.exitCode === 2 && diff.stdout ? diff.stdout + protection(diff.stdout) : null;
    });
  });
}
