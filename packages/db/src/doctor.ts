import pg from 'pg';
import { catalogueFindings } from './catalogue.ts';
import { horizonDays } from './horizon.ts';
import { isPooled } from './led-query.ts';
import { loginOf, type MigrateOptions, pendingMigrations } from './migrate.ts';
import { runtimeRoles, schemaRole } from './roles.ts';

/** What came of looking at one thing: what is there, or what is wrong and what to do, a sentence each. */
export type Verdict = { found: string } | { wrong: string[] };

/** A thing that was looked at. */
export type Check = { name: string } & Verdict;

interface Patient extends MigrateOptions {
  /** Connected by the service's own URL. */
  client: pg.Client;
  login: string;
}

const verdict = (wrong: string[], found: string): Verdict =>
  wrong.length > 0 ? { wrong } : { found };

const version = async ({ client }: Patient): Promise<Verdict> => {
  const { rows } = await client.query<{ version: string; isOld: boolean }>(
    `select current_setting('server_version') as version,
      current_setting('server_version_num')::int < 150000 as "isOld"`,
  );
  const [{ version, isOld } = { version: 'unknown', isOld: true }] = rows;
  return isOld ? { wrong: [`It is ${version}: 15 or later is needed.`] } : { found: version };
};

const connection = async ({ client }: Patient): Promise<Verdict> => ({
  found: (await isPooled(client))
    ? 'DATABASE_URL leads to a pooler, through which statements are not kept prepared'
    : 'DATABASE_URL leads to PostgreSQL itself, and statements are kept prepared',
});

/** Asks for a role as migrations do, which a pooler refuses or passes over. */
const migrator = async ({ url, directUrl }: Patient): Promise<Verdict> => {
  if (url === directUrl)
    return { found: 'DIRECT_DATABASE_URL is not set: migrations are left to whom it is for' };
  const client = new pg.Client({
    connectionString: directUrl,
    options: `-c role=${schemaRole}`,
    connectionTimeoutMillis: 5000,
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ role: string }>('select current_user as role');
    if (rows[0]?.role !== schemaRole) throw new Error(`It stays ${rows[0]?.role}.`);
  } catch (error) {
    const { message } = error as Error;
    return {
      wrong: [
        `The login of DIRECT_DATABASE_URL cannot act as ${schemaRole} (${message}). Let the URL lead ` +
          `to PostgreSQL itself and not to a pooler, and run: migrate`,
      ],
    };
  } finally {
    await client.end();
  }
  return { found: `DIRECT_DATABASE_URL acts as ${schemaRole}` };
};

const roles = async ({ client, login }: Patient): Promise<Verdict> => {
  const wrong: string[] = [];
  for (const role of runtimeRoles) {
    try {
      await client.query(`begin; set local role ${role}`);
    } catch {
      wrong.push(`${login} may not act as ${role}: run migrate, or: grant ${role} to "${login}"`);
    }
    await client.query('rollback');
  }
  return verdict(wrong, `${login} acts as ${runtimeRoles.join(', ')}`);
};

const migrations = async ({ client }: Patient): Promise<Verdict> => {
  const pending = await pendingMigrations(client);
  return pending.length > 0
    ? { wrong: [`Not applied: ${pending.join(', ')}. Run: migrate`] }
    : { found: 'all applied' };
};

const protection = async ({ client, login }: Patient): Promise<Verdict> => {
  const findings = await catalogueFindings(client, login);
  return verdict(
    findings.map((finding) => `${finding}. The migrations made it otherwise: docs/operations.md.`),
    'row-level security, policies, keys and rights are as the migrations made them',
  );
};

const timeouts = async ({ client, login }: Patient): Promise<Verdict> => {
  const { rows } = await client.query<{ name: string; setting: string }>(
    `select name, current_setting(name) as setting from pg_settings
    where name in ('lock_timeout', 'statement_timeout') order by name`,
  );
  const unbounded = rows.filter(({ setting }) => setting === '0');
  return verdict(
    unbounded.map(
      ({ name }) =>
        `${name} is not set, so that one statement can hold others up without end. ` +
        `Run: alter role "${login}" set ${name} = '${name === 'lock_timeout' ? '2s' : '30s'}'`,
    ),
    rows.map(({ name, setting }) => `${name} ${setting}`).join(', '),
  );
};

/**
 * Rows that are not what their latest change made of them. What is older than the horizon need not
 * be in the log.
 */
const unlike = (table: string): string => `
  with latest as (
    select distinct on (owner_id, entity_id) owner_id, entity_id, operation, after
    from changes where entity = '${table}'
    order by owner_id, entity_id, revision desc, position desc
  )
  select count(*)::int as count from latest
    full join ${table} t on t.owner_id = latest.owner_id and t.id = entity_id
  where case
    when entity_id is null then t.updated_at > now() - interval '${horizonDays} days'
    when operation = 'delete' then t.id is not null
    else t.id is null or columns_unlike(after, to_jsonb(t)) <> '{}' end`;

const log = async ({ client }: Patient): Promise<Verdict> => {
  // One moment of the data, whatever is written meanwhile, and as much time as it takes.
  await client.query(`begin isolation level repeatable read read only;
    set local role typedo_operator; set local timezone = 'UTC'; set local statement_timeout = 0`);
  const count = async (sql: string): Promise<number> =>
    (await client.query<{ count: number }>(sql)).rows[0]?.count ?? 0;
  try {
    const { rows: logged } = await client.query<{ table: string }>(
      `select tgrelid::regclass::text as table from pg_trigger where tgname = 'log_change' order by 1`,
    );
    const wrong: string[] = [];
    for (const { table } of logged) {
      const rows = await count(unlike(table));
      if (rows > 0) wrong.push(`${rows} rows of ${table} are not what the log says of them.`);
    }
    const owners = await count(`select count(*)::int as count from owners
      where revision < (select max(revision) from changes where owner_id = id)`);
    if (owners > 0) wrong.push(`${owners} owners are behind their log.`);
    return verdict(
      wrong.map(
        (sentence) =>
          `${sentence} Something wrote around the triggers, or a backup was restored in part: ` +
          'stop the service, and restore it whole.',
      ),
      `the latest change of each row of ${logged.map(({ table }) => table).join(', ')} is the row`,
    );
  } finally {
    await client.query('rollback');
  }
};

/** In their order: what one finds wrong, those after it may stumble over. */
const checks: [name: string, look: (patient: Patient) => Promise<Verdict>, isNeeded?: true][] = [
  ['PostgreSQL', version, true],
  ['connection', connection],
  ['migrating login', migrator],
  ['roles', roles, true],
  ['migrations', migrations, true],
  ['protection', protection],
  ['timeouts', timeouts],
  ['log', log],
];

/**
 * Looks at a database as the service would use it, and changes nothing. It ends early where nothing
 * more can be seen. No verdict tells anything of a user.
 *
 * @throws the driver's error where the service's URL leads nowhere
 */
export async function* examine(options: MigrateOptions): AsyncGenerator<Check> {
  const client = new pg.Client({ connectionString: options.url, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    const login = loginOf(options.url);
    for (const [name, look, isNeeded] of checks) {
      const seen = await look({ ...options, client, login });
      yield { name, ...seen };
      if (isNeeded && 'wrong' in seen) return;
    }
  } finally {
    await client.end();
  }
}
