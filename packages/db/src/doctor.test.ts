import pg from 'pg';
import { afterAll, expect, inject, test } from 'vitest';
import { createDatabase } from './database.ts';
import { examine } from './doctor.ts';
import { createTestDatabase } from './testing/test-database.ts';

// Of its own: what is wrong with it would be with everybody's.
const own = await createTestDatabase(inject('database'));
const database = createDatabase({ url: own.url, onError: () => {} });
const client = new pg.Client({ connectionString: own.directUrl });
await client.connect();
afterAll(async () => {
  await client.end();
  await database.close();
  await own.drop();
});
const name = new URL(own.url).pathname.slice(1);
await client.query(`alter database ${name} set statement_timeout = '30s'`);
await client.query(`alter database ${name} set lock_timeout = '5s'`);

const { id: ownerId } = await database.tokens.ensureOwner({ issuer: 'test', subject: 'ann' });
const db = database.forUser({ ownerId, actor: '', face: '', requestId: '' });
const titles = ['kept', 'changed', 'deleted'];
for (const title of titles) {
  await db.task.create({ data: { id: crypto.randomUUID(), title, orderKey: 'a0' } });
}
await db.task.updateMany({ where: { title: 'changed' }, data: { notes: 'x' } });
await db.task.deleteMany({ where: { title: 'deleted' } });

const findings = async (): Promise<string[]> => {
  const found: string[] = [];
  for await (const check of examine(own)) {
    if ('wrong' in check) found.push(...check.wrong.map((what) => `${check.name}: ${what}`));
  }
  return found;
};

test('nothing is found where nothing is wrong', async () => {
  expect(await findings()).toEqual([]);
});

/** Past the trigger that logs it, as only whoever owns the tables can. */
const unlogged = async (sql: string): Promise<void> => {
  await client.query('alter table tasks disable trigger log_change');
  const service = new pg.Client({ connectionString: own.url });
  await service.connect();
  await service.query(`begin; set local role typedo_operator; ${sql}; commit`);
  await service.end();
  await client.query('alter table tasks enable trigger log_change');
};

// What was harmed before stays so.
test.each([
  [/^protection: tasks: row-level/, 'alter table tasks no force row level security'],
  [/^log: 1 rows of tasks/, () => unlogged(`update tasks set notes = 'y' where notes = 'x'`)],
  [/^log: 2 rows of tasks/, () => unlogged(`delete from tasks where title = 'kept'`)],
  [/^log: 1 owners/, 'update owners set revision = revision - 1'],
  [/^log: 1 rows of tasks/, 'delete from changes'],
  [
    /^migrations: Not applied: \d+_first\. Run: migrate/,
    `delete from _prisma_migrations where migration_name ~ 'first'`,
  ],
])('it is found, and what to do: %s', async (finding, harm) => {
  await client.query('set role typedo_schema');
  await (typeof harm === 'string' ? client.query(harm) : harm());
  expect(await findings()).toContainEqual(expect.stringMatching(finding));
});
