import pg from 'pg';
import { afterAll, expect, inject, onTestFinished, test } from 'vitest';
import { createDatabase, type Database } from './database.ts';
import { horizonDays } from './horizon.ts';
import { createTestDatabase } from './testing/test-database.ts';

const { url } = inject('database');
const database = createDatabase({ url, onError: () => {} });
afterAll(() => database.close());

const newUser = async (on: Database = database) => {
  const { id: ownerId } = await on.tokens.ensureOwner({
    issuer: 'test',
    subject: crypto.randomUUID(),
  });
  const db = on.forUser({ ownerId, actor: 'session:1', face: 'rest', requestId: 'r1' });
  const log = () => db.change.findMany({ orderBy: [{ revision: 'asc' }, { position: 'asc' }] });
  return { ownerId, db, log };
};
const task = (title: string) => ({ id: crypto.randomUUID(), title, orderKey: 'a0' });

test('every change is logged: what it was, what it became, by whom, in which request', async () => {
  const { db, log } = await newUser();
  const data = task('Buy milk');
  await db.task.create({ data });
  await db.task.updateMany({ where: { id: data.id }, data: { title: 'Buy oats' } });
  await db.task.deleteMany({ where: { id: data.id } });
  const entry = {
    entity: 'tasks',
    entityId: data.id,
    actor: 'session:1',
    face: 'rest',
    requestId: 'r1',
  };
  expect(await log()).toMatchObject([
    { ...entry, revision: 1n, position: 1, operation: 'insert', before: null },
    {
      ...entry,
      revision: 2n,
      position: 1,
      operation: 'update',
      before: { title: 'Buy milk', version: 1, updated_at: expect.any(String) },
      after: { title: 'Buy oats', version: 2, updated_at: expect.any(String) },
    },
    { ...entry, revision: 3n, position: 1, operation: 'delete', after: null },
  ]);
  const [inserted, updated, deleted] = await log();
  expect(inserted?.after).toMatchObject({ id: data.id, title: 'Buy milk', list_id: null });
  expect(Object.keys(updated?.before ?? {})).toHaveLength(3);
  expect(deleted?.before).toEqual({
    ...(inserted?.after as object),
    ...(updated?.after as object),
  });
});

test('a transaction is one revision, and one that fails or changes nothing is none', async () => {
  const { db, log } = await newUser();
  await db.transaction(async (tx) => {
    for (const title of ['a', 'b', 'c']) await tx.task.create({ data: task(title) });
    await tx.task.updateMany({ where: {}, data: { notes: 'x' } });
  });
  await expect(
    db.transaction(async (tx) => {
      await tx.task.create({ data: task('never') });
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  await db.task.updateMany({ where: { title: 'none' }, data: { notes: 'y' } });
  await db.task.create({ data: task('d') });
  expect((await log()).map(({ revision, position }) => [revision, position])).toEqual([
    [1n, 1],
    [1n, 2],
    [1n, 3],
    [1n, 4],
    [1n, 5],
    [1n, 6],
    [2n, 1],
  ]);
});

test('however many write at once, revisions have no gap and nobody waits for ever', async () => {
  const [ann, bob] = [await newUser(), await newUser()];
  const writes = 40;
  await Promise.all(
    Array.from({ length: writes }, async (_, index) => {
      const { db } = index % 2 === 0 ? ann : bob;
      await db.task.create({ data: task(String(index)) });
      await db.task.updateMany({ where: {}, data: { notes: String(index) } });
    }),
  );
  for (const { log } of [ann, bob]) {
    const revisions = new Set((await log()).map(({ revision }) => revision));
    expect([...revisions]).toEqual(Array.from({ length: writes }, (_, index) => BigInt(index + 1)));
  }
});

test('users read their own log alone, and can neither write it nor change a row’s key', async () => {
  const [ann, bob] = [await newUser(), await newUser()];
  await bob.db.task.create({ data: task('of Bob') });
  const data = task('of Ann');
  await ann.db.task.create({ data });
  expect(await ann.log()).toMatchObject([{ ownerId: ann.ownerId, revision: 1n }]);

  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const asAnn = async (sql: string) => {
    await client.query('begin');
    await client.query("select set_config('typedo.owner', $1, true)", [ann.ownerId]);
    await client.query('set local role typedo_app');
    try {
      return await client.query(sql);
    } finally {
      await client.query('rollback');
    }
  };
  expect((await asAnn('select * from changes')).rowCount).toBe(1);
  for (const sql of [
    `insert into changes select * from changes`,
    `update changes set actor = 'x'`,
    `delete from changes`,
    `truncate changes`,
    `select take_revision('${bob.ownerId}')`,
    `update owners set revision = 0`,
  ]) {
    await expect(asAnn(sql), sql).rejects.toThrow('permission denied');
  }
  await expect(asAnn(`update tasks set id = gen_random_uuid()`)).rejects.toThrow(
    'cannot be changed',
  );
  await client.end();
});

test('past the horizon, what was thrown away and what the log has of it are gone', async () => {
  // Of its own: what is past the horizon goes from every user.
  const own = await createTestDatabase(inject('database'));
  const alone = createDatabase({ url: own.url, onError: () => {} });
  onTestFinished(async () => {
    await alone.close();
    await own.drop();
  });
  const { db, log } = await newUser(alone);
  const [kept, old, thrown] = [task('kept'), task('old'), task('thrown away')];
  for (const data of [kept, old, thrown]) await db.task.create({ data });
  await db.task.updateMany({
    where: { id: old.id },
    data: { deletedAt: new Date('2020-01-01T00:00:00Z') },
  });
  await db.task.updateMany({ where: { id: thrown.id }, data: { deletedAt: new Date() } });

  await alone.forgetPast(new Date('2020-03-02T00:00:00Z'));
  const left = await db.task.findMany({ where: {}, orderBy: { title: 'asc' } });
  expect(left.map(({ title }) => title)).toEqual(['kept', 'thrown away']);
  expect((await log()).at(-1)).toMatchObject({
    revision: 6n,
    operation: 'delete',
    actor: 'horizon',
  });

  await alone.forgetPast(new Date(Date.now() + (horizonDays + 1) * 24 * 60 * 60 * 1000));
  expect(await db.task.findMany({ where: {} })).toHaveLength(1);
  expect(await log()).toEqual([]);
  await db.task.create({ data: task('next') });
  expect(await log()).toMatchObject([{ revision: 8n }]);
});
