import type pg from 'pg';

// What is no user's data. Any other table is taken for users' data, so that none is forgotten.
/** Tables that row-level security leaves alone, and no role of the service may change. */
const publicTables = ['_prisma_migrations'];
const identityTables = [
  'auth_accounts',
  'auth_ended_sessions',
  'auth_jwks',
  'auth_sessions',
  'auth_users',
  'auth_verifications',
];
/** What users read of themselves and only triggers write: it tells of rows that may be gone. */
const logTables = ['changes'];
/** Where each owner has one row, which only identity makes. */
const ownersTable = 'owners';
/** Unique whoever's the row is: a hash of 160 random bits, by which identity finds a token. */
const globallyUnique = ['personal_tokens_hash_key'];
const runtimeRoles = ['typedo_app', 'typedo_auth', 'typedo_operator'];

/** What may be granted: kind or name of the tables, role, privileges. */
const grants: [tables: string, role: string, privileges: string[]][] = [
  ['public', 'typedo_operator', ['SELECT']],
  ['user', 'typedo_app', ['SELECT', 'INSERT', 'UPDATE', 'DELETE']],
  ['user', 'typedo_operator', ['SELECT', 'INSERT', 'UPDATE', 'DELETE']],
  ['log', 'typedo_app', ['SELECT']],
  ['log', 'typedo_operator', ['SELECT', 'DELETE']],
  ['identity', 'typedo_auth', ['SELECT', 'INSERT', 'UPDATE', 'DELETE']],
  ['owners', 'typedo_app', ['SELECT']],
  ['owners', 'typedo_auth', ['SELECT', 'INSERT', 'DELETE']],
  ['owners', 'typedo_operator', ['SELECT', 'INSERT', 'UPDATE', 'DELETE']],
  ['personal_tokens', 'typedo_auth', ['SELECT', 'UPDATE (last_used_at)']],
];

const texts = (values: readonly string[]): string =>
  `array[${values.map((value) => `'${value.replaceAll("'", "''")}'`).join(', ')}]::text[]`;

const relations = `relations as (
  select c.oid, relname::text as name, relkind, relowner, relacl, reloptions,
    relrowsecurity, relforcerowsecurity, case
      when nspname = 'public' and relname = any (${texts(publicTables)}) then 'public'
      when nspname = 'public' and relname = any (${texts(identityTables)}) then 'identity'
      when nspname = 'public' and relname = any (${texts(logTables)}) then 'log'
      when nspname = 'public' and relname = '${ownersTable}' then 'owners'
      else 'user' end as kind
  from pg_class c join pg_namespace n on n.oid = relnamespace
  where nspname !~ '^pg_' and nspname <> 'information_schema'
    -- What an extension brought, as administrators of managed servers have them.
    and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid
      and deptype = 'e')
),
tables as (select * from relations where relkind in ('r', 'p')),
columns as (
  select t.oid, t.name, t.kind, attname::text as column, attnum, attnotnull, atttypid, attacl
  from tables t join pg_attribute on attrelid = t.oid and attnum > 0 and not attisdropped
)`;

const allowed = `(values ${grants
  .flatMap(([tables, role, privileges]) => privileges.map((what) => [tables, role, what]))
  .map((row) => `('${row.join("', '")}')`)
  .join(', ')}) as allowed (tables, role, what)`;

/** The one condition that a policy for a role may have on a table of a kind. */
const condition = `case when role <> 'typedo_app'
    then format('(( SELECT CURRENT_USER AS "current_user") = %L::name)', role)
  when kind in ('user', 'log') then '(owner_id = ( SELECT current_owner() AS current_owner))'
  when kind = 'owners' then '(id = ( SELECT current_owner() AS current_owner))' end`;

/** Each asks for sentences that tell what is wrong; `$1` is the login of the service. */
const rules = [
  `select format('%I: row-level security is not enabled and forced', name) from tables
    where kind <> 'public' and not (relrowsecurity and relforcerowsecurity)`,
  `select format('%I: no policy for %s of typedo_app', name, verb)
    from tables, unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) as verb
    where (kind = 'user' or (kind = 'log' and verb = 'SELECT')) and not exists (select from pg_policies where tablename = name
      and roles = '{typedo_app}' and permissive = 'PERMISSIVE' and cmd in (verb, 'ALL'))`,
  `select format('%I: policy %I for %s is not what it must be', name, policyname, role) from (
      select name, p.*, ${condition} as condition
      from tables join (select *, unnest(roles)::text as role from pg_policies) p on tablename = name
    ) as policies where condition is null or role <> all (${texts([...runtimeRoles, 'typedo_schema'])})
      or (cmd <> 'INSERT' and qual is distinct from condition)
      or (cmd in ('INSERT', 'UPDATE', 'ALL') and with_check is distinct from condition)`,
  `select format('%I: no column owner_id uuid not null', name) from tables t
    where kind in ('user', 'log') and not exists (select from columns c where c.oid = t.oid
      and c.column = 'owner_id' and attnotnull and atttypid = 'uuid'::regtype)`,
  `select format('%I: owner_id is not first in its primary key', name) from tables t
    where kind in ('user', 'log') and not exists (select from pg_index i join columns c
      on c.oid = indrelid and attnum = indkey[0] and c.column = 'owner_id'
      where indrelid = t.oid and indisprimary)`,
  `select format('%I: %s is unique across owners', c.name, indexrelid::regclass)
    from pg_index join columns c on c.oid = indrelid and attnum = indkey[0]
    where kind in ('user', 'log') and indisunique and c.column <> 'owner_id'
      and indexrelid::regclass::text <> all (${texts(globallyUnique)})`,
  `select format('%I: %I does not begin with the owner on both sides', t.name, conname)
    from pg_constraint k join tables t on t.oid = conrelid
      join columns f on f.oid = conrelid and f.attnum = conkey[1]
      join columns r on r.oid = confrelid and r.attnum = confkey[1]
    where contype = 'f' and 'user' in (t.kind, r.kind) and (f.column <> 'owner_id'
      or (r.kind, r.column) not in (('user', 'owner_id'), ('owners', 'id')))`,
  `select format('%I: %I changes rows by itself', t.name, conname)
    from pg_constraint join tables t on t.oid = conrelid
    where contype = 'f' and kind = 'user' and (confdeltype, confupdtype) <> ('a', 'a')`,
  `select format('%I: %I refers to nothing, or not within one owner', name, c.column) from columns c
    where kind = 'user' and c.column ~ '_id$' and not exists (select from pg_constraint
      where contype = 'f' and conrelid = c.oid and attnum = any (conkey))`,
  `select format('%I: %s may %s', name, coalesce(rolname, 'PUBLIC'), what) from (
      select name, kind, relowner, grantee, privilege_type as what
        from relations, aclexplode(relacl) where relkind <> 'S'
      union select c.name, c.kind, relowner, grantee, format('%s (%s)', privilege_type, c.column)
        from columns c join relations using (oid), aclexplode(attacl)
    ) as privileges left join pg_roles on pg_roles.oid = grantee
    where grantee <> relowner and not exists (select from ${allowed}
      where role = rolname and tables in (kind, name) and allowed.what = privileges.what)`,
  `select format('%I: belongs to %s, not to typedo_schema', name, relowner::regrole) from relations
    where relowner::regrole::text <> 'typedo_schema'`,
  `select format('%I: shows rows by its owner''s rights', name) from relations
    where relkind in ('m', 'f') or (relkind = 'v'
      and not coalesce(reloptions, '{}') && '{security_invoker=true,security_invoker=on}')`,
  `select format('%s: runs by its owner''s rights without a search_path of its own', p.oid::regprocedure)
    from pg_proc p join pg_namespace n on n.oid = pronamespace
    where prosecdef and nspname !~ '^pg_' and nspname <> 'information_schema'
      and coalesce(array_to_string(proconfig, ','), '') !~ 'search_path='`,
  `select format('%s may more than a role of the service', rolname) from pg_roles
    where (rolname = $1 or rolname = any (${texts(runtimeRoles)})) and (rolsuper or rolbypassrls
      or rolcreaterole or rolcreatedb or rolreplication or (rolcanlogin and rolname <> $1))`,
  `select format('%s owns %s', refobjid::regrole, pg_describe_object(classid, objid, 0))
    from pg_shdepend where deptype = 'o' and refclassid = 'pg_authid'::regclass
      and dbid in (0, (select oid from pg_database where datname = current_database()))
      and (refobjid::regrole::text = $1 or refobjid::regrole::text = any (${texts(runtimeRoles)}))`,
  `select format('%s may change the schema %s', rolname, nspname) from pg_roles, pg_namespace
    where (rolname = $1 or rolname = any (${texts(runtimeRoles)}))
      and (nspname = 'public' or nspname !~ '^pg_') and has_schema_privilege(rolname, nspname, 'create')`,
  `select format('%s may make schemas', rolname) from pg_roles
    where (rolname = $1 or rolname = any (${texts(runtimeRoles)}))
      and has_database_privilege(rolname, current_database(), 'create')`,
  `select format('%s has the rights of %s', member::regrole, roleid::regrole) from pg_auth_members
    where member::regrole::text = any (${texts(runtimeRoles)})`,
  `select format('%s has rights on %I by itself', $1, name) from relations where relkind <> 'S'
    and (has_any_column_privilege($1, oid, 'select, insert, update')
      or has_table_privilege($1, oid, 'delete, truncate'))`,
];

/**
 * What is wrong with a database's own protection, a sentence each: a table without it, a policy that
 * lets more through, a key that crosses owners, a role that may too much.
 *
 * @param login that of the service
 * @see https://github.com/supabase/splinter for the idea
 */
export async function catalogueFindings(client: pg.Client, login: string): Promise<string[]> {
  const findings: string[] = [];
  for (const rule of rules) {
    // Each names the login, so that it always has the one parameter.
    const { rows } = await client.query<[string]>({
      text: `with login as (select $1::text), ${relations} ${rule}`,
      values: [login],
      rowMode: 'array',
    });
    findings.push(...rows.map(([finding]) => finding));
  }
  return findings;
}
