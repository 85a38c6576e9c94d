import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { diffSchema, dropSchema, migrate } from './migrate.ts';
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
