import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { type Migration, readMigrations } from './migration-assets.ts';
import { canActAs, ensureRoles, schemaRole } from './roles.ts';

export { DatabaseSetupError } from './roles.ts';

/** Any number: it keeps two processes from migrating one database at once. */
const migrationLock = 7_389_163_002;
const pauseMs = 100;

export interface MigrateOptions {
  /** A direct URL (no transaction pooler) of a login that may act as typedo_schema. */
  directUrl: string;
  /** The service's own URL, whose login is let act as the runtime roles. */
  url: string;
}

/** The login of a URL. */
export const loginOf = (url: string): string => decodeURIComponent(new URL(url).username);

const connected = async <Result>(url: string, work: (client: pg.Client) => Promise<Result>) => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/** One at a time. The lock is a transaction's: a session's would stay with a pooler that is between. */
const withLock = <Result>(url: string, work: () => Promise<Result>) =>
  connected(url, async (client) => {
    // Whatever its login is bound to: another one's migrations may take long.
    await client.query(`begin; set local lock_timeout = 0; set local statement_timeout = 0;
      set local idle_in_transaction_session_timeout = 0`);
    // An index that is built concurrently waits for all that see the database as it was. So does who
    // waits here in a statement, or has one with a parameter behind them.
    const isTaken = async (): Promise<boolean> => {
      const { rows } = await client.query<{ isTaken: boolean }>(
        `select pg_try_advisory_xact_lock(${migrationLock}) as "isTaken"`,
      );
      return rows[0]?.isTaken ?? false;
    };
    while (!(await isTaken())) await wait(pauseMs);
    return work();
  });

const locked = <Result>(url: string, work: (client: pg.Client) => Promise<Result>) =>
  connected(url, (client) => withLock(url, () => work(client)));

/** Large, and needed by few starts: see {@link isUpToDate}. */
const loadSchemaEngine = () => import('./schema-engine.ts');

interface Attempt {
  name: string;
  checksum: string;
  isApplied: boolean;
}

/** The engine's own table; none where there is none that `role` may read. */
async function readAttempts(client: pg.Client, role: string): Promise<Attempt[]> {
  // A login need not inherit the rights of a role. As the transaction's, a pooler may be between.
  await client.query(`begin; set local role ${role}`);
  try {
    const { rows } = await client.query<Attempt>(
      `select migration_name as name, checksum,
        finished_at is not null and rolled_back_at is null as "isApplied"
      from _prisma_migrations`,
    );
    return rows;
  } catch (error) {
    if (error instanceof pg.DatabaseError && ['42P01', '42501'].includes(error.code ?? '')) {
      return [];
    }
    throw error;
  } finally {
    await client.query('rollback');
  }
}

/**
 * Whether the engine's own table says that exactly these migrations were applied, and each as it
 * is now. Whatever else it says, or that it is absent, is for the engine to judge.
 */
async function isUpToDate(client: pg.Client, migrations: Migration[]): Promise<boolean> {
  const attempts = await readAttempts(client, schemaRole);
  const applied = new Map(
    attempts.filter(({ isApplied }) => isApplied).map(({ name, checksum }) => [name, checksum]),
  );
  return (
    attempts.length === migrations.length &&
    migrations.every(
      ({ name, sql }) => applied.get(name) === createHash('sha256').update(sql).digest('hex'),
    )
  );
}

/**
 * The migrations that are still to be applied, as a login sees it that may not apply them. A newer
 * version may have applied more than there are here.
 */
export async function pendingMigrations(client: pg.Client): Promise<string[]> {
  const attempts = await readAttempts(client, 'typedo_operator');
  const applied = attempts.flatMap(({ name, isApplied }) => (isApplied ? name : []));
  return (await readMigrations()).map(({ name }) => name).filter((name) => !applied.includes(name));
}

/** Whether the service's login can leave the database as it is, which another one has migrated. */
const isMigratedByAnother = async (client: pg.Client): Promise<boolean> =>
  !(await canActAs(client, schemaRole)) &&
  (await canActAs(client, 'typedo_operator')) &&
  (await pendingMigrations(client)).length === 0;

/** Applies those of the migrations that a database with all roles lacks, and gives their names. */
export async function applyMigrations(
  directUrl: string,
  migrations: Migration[],
): Promise<string[]> {
  const { withSchemaEngine } = await loadSchemaEngine();
  return withSchemaEngine(directUrl, migrations, async ({ engine, migrationsList, filters }) => {
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters });
    return appliedMigrationNames;
  });
}

/**
 * Brings the database up to the schema: roles first, then each migration that it lacks, as
 * `prisma migrate deploy` would. Safe to run from several processes at once. A login that may not
 * do so has nothing to do where another one did.
 *
 * @returns the names of the migrations that were applied
 * @throws DatabaseSetupError when the login lacks a right or the server is too old
 */
export async function migrate({ directUrl, url }: MigrateOptions): Promise<string[]> {
  return connected(directUrl, async (client) => {
    if (await isMigratedByAnother(client)) return [];
    return withLock(directUrl, async () => {
      await ensureRoles(client, loginOf(url));
      const migrations = await readMigrations();
      return (await isUpToDate(client, migrations)) ? [] : applyMigrations(directUrl, migrations);
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
    const { withSchemaEngine } = await loadSchemaEngine();
    return withSchemaEngine(directUrl, await readMigrations(), async (given) => {
      const { engine, migrationsList, filters } = given;
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
