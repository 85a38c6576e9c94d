import pg from 'pg';
import type { DatabaseRole } from './scope.ts';

/** The role that the schema and all its tables belong to. Only migrations run as it. */
export const schemaRole = 'typedo_schema';
/** The roles that statements of the service run as. */
export const runtimeRoles: DatabaseRole[] = ['typedo_app', 'typedo_auth', 'typedo_operator'];

/** What stands in the way, as a sentence for whoever operates the database. */
export class DatabaseSetupError extends Error {
  override readonly name = 'DatabaseSetupError';
}

/** Whether the connection's login may take on a role. */
export async function canActAs(client: pg.Client, role: string): Promise<boolean> {
  const { rows } = await client.query<{ can: boolean }>(
    `select pg_has_role(oid, case when current_setting('server_version_num')::int < 160000
      then 'MEMBER' else 'SET' end) as can from pg_roles where rolname = $1`,
    [role],
  );
  return rows[0]?.can ?? false;
}

/**
 * Makes the roles that are missing and lets the two logins act as them: `client`'s own as the
 * schema's, `runtimeLogin` as the others. Where an administrator has done so, nothing is left to do
 * and no right to do it is needed.
 */
export async function ensureRoles(client: pg.Client, runtimeLogin: string): Promise<void> {
  const { rows } = await client.query<{ login: string; version: number }>(
    "select current_user as login, current_setting('server_version_num')::int as version",
  );
  const { login = '', version = 0 } = rows[0] ?? {};
  if (version < 150_000) {
    throw new DatabaseSetupError(
      `PostgreSQL 15 or later is needed; the server is version ${Math.floor(version / 10_000)}.`,
    );
  }
  // From 16 on a membership can be without inheritance, so that the login by itself has no rights.
  const canSet = version >= 160_000 ? "'SET'" : "'MEMBER'";
  const withSet = version >= 160_000 ? ' with inherit false, set true' : '';

  const statements: string[] = [];
  const grantMissing = async (role: string, member: string) => {
    const found = await client.query(
      `select case when exists (select from pg_roles where rolname = $1)
        then pg_has_role($2, $1, ${canSet}) end as granted`,
      [role, member],
    );
    const granted: unknown = found.rows[0]?.granted;
    if (granted === null && !statements.includes(`create role ${role} nologin`)) {
      statements.push(`create role ${role} nologin`);
    }
    if (granted !== true) {
      statements.push(`grant ${role} to ${pg.escapeIdentifier(member)}${withSet}`);
    }
  };
  await grantMissing(schemaRole, login);
  for (const role of runtimeRoles) await grantMissing(role, runtimeLogin);

  const { rows: schema } = await client.query<{ usable: boolean }>(
    `select case when exists (select from pg_roles where rolname = $1)
      then has_schema_privilege($1, 'public', 'create') end as usable`,
    [schemaRole],
  );
  if (schema[0]?.usable !== true) {
    statements.push(`grant usage, create on schema public to ${schemaRole}`);
  }

  for (const statement of statements) {
    try {
      await client.query(statement);
    } catch (error) {
      // Another database of the same server may be at the same roles right now.
      const isMadeAlready =
        error instanceof pg.DatabaseError && ['42710', '23505'].includes(error.code ?? '');
      if (isMadeAlready && statement.startsWith('create role')) continue;
      throw new DatabaseSetupError(
        `The login "${login}" may not set up the database roles (${String(error)}). ` +
          'Name one that may by DIRECT_DATABASE_URL, or let an administrator run, in this database:\n' +
          `${statements.join(';\n')};`,
        { cause: error },
      );
    }
  }
}
