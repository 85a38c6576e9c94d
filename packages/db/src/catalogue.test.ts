import pg from 'pg';
import { afterAll, expect, inject, test } from 'vitest';
import { catalogueFindings } from './catalogue.ts';
import { createTestDatabase } from './testing/test-database.ts';

// Of its own: a hole may not fit the rows that other tests make meanwhile.
const database = await createTestDatabase(inject('database'));
const login = decodeURIComponent(new URL(database.url).username);
const client = new pg.Client({ connectionString: database.directUrl });
await client.connect();
afterAll(async () => {
  await client.end();
  await database.drop();
});

test('every table, policy, key and role is as it must be', async () => {
  expect(await catalogueFindings(client, login)).toEqual([]);
});

const asSchema = (sql: string): string => `set local role typedo_schema; ${sql}; reset role`;
const openPolicy = 'on tasks to typedo_app using (true)';

test.each([
  [/drafts: row-level security is not/, asSchema('create table drafts (id uuid primary key)')],
  [/drafts: no column owner_id/, asSchema('create table drafts (id uuid primary key)')],
  [/first/, asSchema('create table drafts (id uuid, owner_id uuid, primary key (id, owner_id))')],
  [/tasks: row-level security is not/, asSchema('alter table tasks no force row level security')],
  [/auth_users: row-level/, asSchema('alter table auth_users disable row level security')],
  [/tasks: no policy for DELETE/, asSchema('drop policy own_rows on tasks')],
  [/policy shared for typedo_app is not/, asSchema(`create policy shared ${openPolicy}`)],
  [/policy shared for public is not/, asSchema('create policy shared on tasks using (false)')],
  [/policy own_rows for typedo_app/, asSchema('alter policy own_rows on tasks with check (true)')],
  [/policy operator_rows/, asSchema('alter policy operator_rows on lists using (true)')],
  [/tasks_id_idx is unique across owners/, asSchema('create unique index on tasks (id)')],
  [/list_id refers/, asSchema('alter table tasks drop constraint tasks_owner_id_list_id_fkey')],
  [
    /tasks_list_id_fkey does not begin with the owner/,
    asSchema(
      'create unique index u on lists (id); alter table tasks add foreign key (list_id) references lists (id)',
    ),
  ],
  [
    /lists_owner_id_fkey1 changes rows by itself/,
    asSchema('alter table lists add foreign key (owner_id) references owners on delete cascade'),
  ],
  [/tasks: typedo_app may TRUNCATE/, asSchema('grant truncate on tasks to typedo_app')],
  [/may UPDATE \(hash\)/, asSchema('grant update (hash) on personal_tokens to typedo_auth')],
  [/auth_users: typedo_app may SELECT/, asSchema('grant select on auth_users to typedo_app')],
  [/PUBLIC may SELECT/, asSchema('grant select on _prisma_migrations to public')],
  [/all_tasks: shows rows by its owner/, asSchema('create view all_tasks as select * from tasks')],
  [/next_version\(\): runs by its/, asSchema('alter function next_version() security definer')],
  [/has rights on tasks by itself/, asSchema(`grant insert on tasks to ${login}`)],
  [/typedo_app may change the schema public/, 'grant create on schema public to typedo_app'],
  [/mine: belongs to/, 'create table mine (owner_id uuid)'],
])('a hole is found: %s', async (finding, hole) => {
  try {
    await client.query(`begin; ${hole}`);
    const found = await catalogueFindings(client, login);
    expect(found.filter((one) => finding.test(one))).not.toEqual([]);
  } finally {
    await client.query('rollback');
  }
});
