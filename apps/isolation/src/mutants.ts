import type { TestDatabase } from '@typedo/db/testing';
import { catalogueFindings } from '@typedo/db/catalogue';
import { createTestDatabase } from '@typedo/db/testing';
import type pg from 'pg';
import type { Edit } from '../../../scripts/testing/edit-source.ts';
import type { Face } from './faces.ts';
import { MixedUpError } from '../../../scripts/testing/markers.ts';
import { type Finding, runMatrix } from './matrix.ts';
import { connect } from '../../../scripts/testing/world.ts';

/** The service with something taken away that keeps users apart. */
export interface Mutant {
  name: string;
  edits?: Edit[];
  sql?: string;
  /**
   * `noticed`: another's data comes through, which the matrix must tell. `harmless`: what is left
   * still keeps users apart. `closed`: calls may fail, and nothing comes through.
   */
  must: 'noticed' | 'harmless' | 'closed';
  /** Whether the catalogue check must tell. */
  inCatalogue?: boolean;
}

const userDb = 'packages/db/src/user-db.ts';
const tokenDb = 'packages/db/src/token-db.ts';

const ownerInWhere = { file: userDb, from: 'where: { ...where, ownerId } };' };
const without = (operation: string): Edit => ({
  ...ownerInWhere,
  to: `where: operation === '${operation}' ? { ...where } : { ...where, ownerId } };`,
});
const withoutInReorder: Edit = {
  file: userDb,
  from: 'where sibling.owner_id = $1 and sibling.id = given.id',
  to: 'where $1::uuid is not null and sibling.id = given.id',
};
const withoutAny: Edit[] = [{ ...ownerInWhere, to: 'where: { ...where } };' }, withoutInReorder];

/** Filters below which row-level security lies. */
const filters: [name: string, edit: Edit][] = [
  ...['findFirst', 'findMany', 'updateMany', 'updateManyAndReturn', 'deleteMany'].map(
    (operation): [string, Edit] => [`the owner in ${operation}`, without(operation)],
  ),
  ['the owner in reorder', withoutInReorder],
];

/** Identity finds whoever it is asked for: nothing lies below these. */
const identityFilters: [name: string, edit: Edit][] = [
  [
    'the subject in finding an owner',
    { file: tokenDb, from: 'and subject = $2', to: 'and $2::text is not null' },
  ],
  [
    'the id in finding an owner',
    {
      file: tokenDb,
      from: 'from owners where id = $1',
      to: 'from owners where $1::uuid is not null',
    },
  ],
  [
    'the hash in finding a personal token',
    { file: tokenDb, from: 'where t.hash = $1', to: 'where $1::bytea is not null' },
  ],
  [
    'the owner in marking a personal token as used',
    { file: tokenDb, from: 'where owner_id = $1 and', to: 'where $1::uuid is not null and' },
  ],
];

/** What the service checks itself before a composite key would. */
const checked: Record<string, Edit> = {
  tasks_owner_id_list_id_fkey: {
    file: 'packages/api/src/tasks/tasks.service.ts',
    from: `if (!list) throw new CatalogueError('LIST_NOT_FOUND');\n  if (list.archived)`,
    to: 'if (list?.archived)',
  },
};

interface Policy {
  table: string;
  name: string;
  role: string;
  /** Opened as far as its verb lets it. */
  open: string;
}

const policiesOf = async (client: pg.Client): Promise<Policy[]> => {
  const { rows } = await client.query<Policy>(`
    select tablename as table, policyname as name, roles[1]::text as role,
      case when qual is not null then 'using (true) ' else '' end ||
      case when with_check is not null then 'with check (true)' else '' end as open
    from pg_policies where schemaname = 'public' order by 1, 2`);
  return rows;
};

const rowsOpened = `do $$ declare t regclass; begin
  for t in select oid from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relrowsecurity
  loop execute format('alter table %s disable row level security', t); end loop; end $$`;

/** Both layers gone: what every suite that looks for leaks must notice. */
export const plantedLeak: Mutant = {
  name: 'owner filters and row-level security',
  edits: withoutAny,
  sql: rowsOpened,
  must: 'noticed',
};

/** Each of the two layers by itself. */
export const layers: Mutant[] = [
  { name: 'row-level security on every table', sql: rowsOpened, must: 'harmless' },
  { name: 'every owner filter', edits: withoutAny, must: 'harmless' },
];

/** Each filter, each policy and each composite key that there is, removed one at a time. */
export async function mutantsOf(client: pg.Client): Promise<Mutant[]> {
  const policies = await policiesOf(client);
  const { rows: keys } = await client.query<{ table: string; name: string }>(`
    select conrelid::regclass::text as table, conname as name from pg_constraint
    where contype = 'f' and cardinality(conkey) > 1 order by 2`);
  return [
    ...filters.flatMap(([name, edit]): Mutant[] => [
      { name, edits: [edit], must: 'harmless' },
      { name: `${name}, and row-level security`, edits: [edit], sql: rowsOpened, must: 'noticed' },
    ]),
    ...identityFilters.map(([name, edit]): Mutant => ({ name, edits: [edit], must: 'noticed' })),
    ...policies.flatMap(({ table, name, role, open }): Mutant[] => {
      const policy = `${name} on ${table}`;
      const isOwners = role === 'typedo_app';
      return [
        { name: `the policy ${policy}`, sql: `drop policy ${policy}`, must: 'closed' },
        {
          name: `what the policy ${policy} asks for${isOwners ? ', and every owner filter' : ''}`,
          sql: `alter policy ${policy} ${open}`,
          // Nothing reads an owner's row as the user, and other roles read no user's rows.
          must: isOwners && table !== 'owners' ? 'noticed' : 'harmless',
          inCatalogue: true,
          ...(isOwners && { edits: withoutAny }),
        },
      ];
    }),
    ...keys.flatMap(({ table, name }): Mutant[] => {
      const sql = `alter table ${table} drop constraint ${name}`;
      const edit = checked[name];
      const edits = edit ? [edit] : [];
      return [
        { name: `the key ${name}`, sql, must: 'harmless', inCatalogue: true },
        { name: `the check before the key ${name}`, edits, must: 'harmless' },
        { name: `the key ${name}, and the check before it`, sql, edits, must: 'noticed' },
      ];
    }),
  ];
}

export interface Verdict {
  mutant: Mutant;
  isAsItMust: boolean;
  told: string;
}

const came = ({ kind }: Finding): boolean => kind !== 'failure';

/** What becomes of users' data in a mutant. */
export async function judge(
  mutant: Mutant,
  { server, seed, faces }: { server: TestDatabase; seed: number; faces: Record<string, Face> },
): Promise<Verdict> {
  const { must, edits, sql, inCatalogue } = mutant;
  const world = { server, seed, faces, ...(edits && { edits }), ...(sql && { sql }) };
  const findings = await runMatrix(world).then(
    (result) => result.findings,
    (error: unknown): Finding[] => [
      { kind: error instanceof MixedUpError ? 'leak' : 'failure', text: String(error) },
    ],
  );
  const isThrough = findings.some(came);
  const isAsExpected = {
    // One that only breaks calls shows nothing.
    noticed: isThrough,
    harmless: findings.length === 0,
    closed: !isThrough,
  }[must];
  const catalogue = inCatalogue && sql ? await catalogueWith(sql, server) : [];
  const example = (findings.find(came) ?? findings[0])?.text.split('\n', 1)[0]?.slice(0, 500);
  const seen = isThrough
    ? 'noticed'
    : findings.length > 0
      ? 'calls fail, and nothing comes through'
      : 'harmless';
  return {
    mutant,
    isAsItMust: isAsExpected && (!inCatalogue || catalogue.length > 0),
    told: [seen, ...(example ? [example] : []), ...catalogue.slice(0, 1)].join('; '),
  };
}

/** What the catalogue check tells of a database that was changed. */
async function catalogueWith(sql: string, server: TestDatabase): Promise<string[]> {
  const database = await createTestDatabase(server);
  const schema = await connect(database.directUrl, 'typedo_schema');
  try {
    await schema.query(sql);
    return await catalogueFindings(schema, new URL(database.url).username);
  } finally {
    await schema.end();
    await database.drop();
  }
}
