import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { applyMigrations, diffSchema, dropSchema, migrate } from './migrate.ts';
import { readMigrations } from './migration-assets.ts';
import { createTestDatabase } from './testing/test-database.ts';

const shared = inject('database');
const schemaFile = new URL('../../../prisma/schema.prisma', import.meta.url);

test('the migrations make exactly the schema', async () => {
  const schema = await readFile(schemaFile, 'utf8');
  expect(await diffSchema(shared, schema)).toBeNull();
});

test('a new table of users’ data comes with its protection', async () => {
  const schema = await readFile(schemaFile, 'utf8');
  const withDrafts = schema.replace('tasks Task[]', 'tasks Task[]\n  drafts Draft[]').concat(`
      model Draft {
        ownerId String @map("owner_id") @db.Uuid
        id      String @db.Uuid
        text    String
        owner   Owner  @relation(fields: [ownerId], references: [id], onDelete: NoAction, onUpdate: NoAction)
        @@id([ownerId, id])
        @@map("drafts")
      }`);
  const sql = await diffSchema(shared, withDrafts);
  expect(sql).toContain('CREATE TABLE "drafts"');
  expect(sql).toContain(`CALL protect_owned_table('drafts');`);
});

test('processes that start together migrate once', async () => {
  const own = await createTestDatabase(shared);
  await dropSchema(own);
  const runs = await Promise.all([1, 2, 3].map(() => migrate(own)));
  expect(runs.filter((applied) => applied.length > 0)).toHaveLength(1);
  await own.drop();
});

test('a login that may not migrate leaves alone what another one migrated, also by a newer version', async () => {
  const own = await createTestDatabase(shared);
  const asService = { url: own.url, directUrl: own.url };
  expect(await migrate(asService)).toEqual([]);
  const client = new pg.Client({ connectionString: own.directUrl });
  await client.connect();
  await client.query('set role typedo_schema');
  await client.query(`insert into _prisma_migrations (id, checksum, finished_at, migration_name)
    values ('newer', '', now(), '29990101000000_newer')`);
  expect(await migrate(asService)).toEqual([]);
  await client.query('delete from _prisma_migrations');
  await expect(migrate(asService)).rejects.toThrow(/DIRECT_DATABASE_URL/);
  await client.end();
  await own.drop();
});

test('every table is protected, and belongs to a role that nobody logs in as', async () => {
  const client = new pg.Client({ connectionString: shared.directUrl });
  await client.connect();
  const { rows } = await client.query<{ relname: string }>(`
    select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> '_prisma_migrations'
      and not (relrowsecurity and relforcerowsecurity
        and exists (select from pg_policy where polrelid = pg_class.oid)
        and relowner = (select oid from pg_roles where rolname = 'typedo_schema' and not rolcanlogin))`);
  await client.end();
  expect(rows).toEqual([]);
});

test('what is applied is left as it is, and a migration that failed is told of at each start', async () => {
  const own = await createTestDatabase(shared);
  const client = new pg.Client({ connectionString: own.directUrl });
  await client.connect();
  await client.query('set role typedo_schema');
  expect(await migrate(own)).toEqual([]);
  // As after a migration's comment was changed, which `prisma migrate deploy` does not mind.
  await client.query(`update _prisma_migrations set checksum = 'another'`);
  expect(await migrate(own)).toEqual([]);
  await client.query(`update _prisma_migrations set finished_at = null`);
  await expect(migrate(own)).rejects.toThrow(/failed migrations/);
  await client.query('drop table _prisma_migrations');
  await expect(migrate(own)).rejects.toThrow(/not empty/);
  await client.end();
  await own.drop();
});

test('a migration that has to wait for a table keeps nobody else from it, and is applied in the end', async () => {
  const own = await createTestDatabase(shared);
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: own.url });
    await client.connect();
    return client;
  };
  const [reader, another] = [await connect(), await connect()];
  const read = 'begin; set local role typedo_operator; select from tasks';
  await reader.query(read);
  const next = { name: '29990101000000_next', sql: 'alter table tasks add column next integer;' };
  const applying = applyMigrations(own.directUrl, [...(await readMigrations()), next]);
  const waiting = `select from pg_locks where relation = 'tasks'::regclass and not granted`;
  while ((await another.query(waiting)).rowCount === 0);
  // Whoever comes now is behind it.
  await another.query(`${read}; commit`);
  await reader.query('commit');
  expect(await applying).toEqual([next.name]);
  await Promise.all([reader.end(), another.end()]);
  await own.drop();
});
