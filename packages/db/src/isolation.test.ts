import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { afterAll, expect, inject, onTestFinished, test } from 'vitest';
import { createDatabase, type Database } from './database.ts';
import { isUnavailable } from './errors.ts';
import { PrismaClient } from './generated/client.ts';
import type { Scope } from './scope.ts';
import { ScopedPool } from './scoped-pool.ts';
import { createTestDatabase } from './testing/test-database.ts';

const { url } = inject('database');
const scopes = new AsyncLocalStorage<Scope>();
const database = createDatabase({ url, onError: () => {} });
afterAll(() => database.close());

const newUser = async (on: Database = database) => {
  const owner = await on.tokens.ensureOwner({ issuer: 'test', subject: crypto.randomUUID() });
  const db = on.forUser({ ownerId: owner.id, actor: 'test', face: 'trpc', requestId: 'test' });
  const id = crypto.randomUUID();
  await db.task.create({ data: { id, title: `task of ${owner.id}`, orderKey: 'a0' } });
  return { ownerId: owner.id, taskId: id, db };
};

test('without the owner filter, row-level security alone hides the tasks of others', async () => {
  const [ann, bob] = [await newUser(), await newUser()];
  // The same pool and adapter, but a client whose queries name no owner.
  const pool = new ScopedPool(
    { connectionString: url },
    () => scopes.getStore() ?? { role: 'typedo_app' },
  );
  const unfiltered = new PrismaClient({ adapter: new PrismaPg(pool.asPgPool) });
  const asAnn = <Result>(work: () => Promise<Result>) =>
    scopes.run({ role: 'typedo_app', ownerId: ann.ownerId }, async () => await work());

  const seen = await asAnn(() => unfiltered.task.findMany());
  const updated = await asAnn(() => unfiltered.task.updateMany({ data: { title: 'mine' } }));
  const deleted = await asAnn(() => unfiltered.task.deleteMany({ where: { id: bob.taskId } }));
  const intruding = asAnn(() =>
    unfiltered.task.create({
      data: { ownerId: bob.ownerId, id: crypto.randomUUID(), title: 'x', orderKey: 'a0' },
    }),
  );
  await expect(intruding).rejects.toThrow();
  await pool.end();

  expect(seen.map((task) => task.ownerId)).toEqual([ann.ownerId]);
  expect([updated.count, deleted.count]).toEqual([1, 0]);
  expect(await bob.db.task.findFirst({ where: {} })).toMatchObject({
    title: `task of ${bob.ownerId}`,
  });
});

test('row-level security alone hides the personal tokens of others, and identity can only mark their use', async () => {
  const [ann, bob] = [await newUser(), await newUser()];
  for (const { db, ownerId } of [ann, bob]) {
    const hash = new Uint8Array(crypto.getRandomValues(new Uint8Array(32)));
    const data = { id: crypto.randomUUID(), name: ownerId, prefix: 'x', hash, scopes: [] };
    await db.personalToken.create({ data });
  }
  const pool = new ScopedPool(
    { connectionString: url },
    () => scopes.getStore() ?? { role: 'typedo_app' },
  );
  const unfiltered = new PrismaClient({ adapter: new PrismaPg(pool.asPgPool) });
  const as = <Result>(role: 'typedo_app' | 'typedo_auth', work: () => Promise<Result>) =>
    scopes.run({ role, ownerId: ann.ownerId }, async () => await work());
  const ofBob = { where: { ownerId: bob.ownerId } };

  const seen = await as('typedo_app', () => unfiltered.personalToken.findMany());
  const deleted = await as('typedo_app', () => unfiltered.personalToken.deleteMany(ofBob));
  const used = { ...ofBob, data: { lastUsedAt: new Date() } };
  const marked = await as('typedo_auth', () => unfiltered.personalToken.updateMany(used));
  expect([seen.map(({ name }) => name), deleted.count, marked.count]).toEqual([
    [ann.ownerId],
    0,
    1,
  ]);
  const renamed = { data: { name: 'mine' } };
  for (const attempt of [
    () => as('typedo_app', () => unfiltered.personalToken.updateMany(renamed)),
    () => as('typedo_auth', () => unfiltered.personalToken.updateMany(renamed)),
    () => as('typedo_auth', () => unfiltered.personalToken.deleteMany()),
  ]) {
    await expect(attempt()).rejects.toThrow(/permission denied/);
  }
  await pool.end();
});

test('without row-level security, the owner filter alone hides the tasks of others', async () => {
  const own = await createTestDatabase(inject('database'));
  const admin = new pg.Client({ connectionString: own.directUrl });
  await admin.connect();
  await admin.query('set role typedo_schema');
  for (const table of ['tasks', 'lists', 'owners']) {
    await admin.query(`alter table ${table} disable row level security`);
  }
  const unprotected = createDatabase({ url: own.url, onError: () => {} });
  const [ann, bob] = [await newUser(unprotected), await newUser(unprotected)];

  const seen = await ann.db.task.findMany({});
  const found = await ann.db.task.findFirst({ where: { id: bob.taskId } });
  const both = await ann.db.task.findMany({
    where: { OR: [{ id: bob.taskId }, { id: ann.taskId }] },
  });
  const updated = await ann.db.task.updateMany({ where: {}, data: { title: 'mine' } });
  const deleted = await ann.db.task.deleteMany({ where: { id: bob.taskId } });
  await ann.db.reorder('tasks', [{ id: bob.taskId, orderKey: 'zz' }]);
  const listId = crypto.randomUUID();
  for (const { db, taskId } of [ann, bob]) {
    const archived = db === bob.db;
    await db.list.create({ data: { id: listId, name: 'of one id', orderKey: 'a0', archived } });
    await db.task.updateMany({ where: { id: taskId }, data: { listId } });
  }
  const archived = await ann.db.task.findMany({ where: { list: { is: { archived: true } } } });
  const untouched = await bob.db.task.findFirst({ where: {} });
  await unprotected.close();
  await admin.end();
  await own.drop();

  expect(seen.map((task) => task.ownerId)).toEqual([ann.ownerId]);
  expect([found, both.length, updated.count, deleted.count]).toEqual([null, 1, 1, 0]);
  expect(archived).toEqual([]);
  expect(untouched).toMatchObject({ title: `task of ${bob.ownerId}`, orderKey: 'a0' });
});

test('a task cannot be put into a list of another user, even with its id', async () => {
  const [ann, bob] = [await newUser(), await newUser()];
  const listId = crypto.randomUUID();
  await bob.db.list.create({ data: { id: listId, name: 'Secret', orderKey: 'a0' } });
  await expect(
    ann.db.task.create({ data: { id: crypto.randomUUID(), title: 'x', orderKey: 'a0', listId } }),
  ).rejects.toMatchObject({ code: '23503' });
});

test('an id that another user has is free, so that nobody can ask who has which', async () => {
  const [ann, bob] = [await newUser(), await newUser()];
  const made = await ann.db.task.create({
    data: { id: bob.taskId, title: 'mine', orderKey: 'a0' },
  });
  expect(made).toMatchObject({ ownerId: ann.ownerId, id: bob.taskId });
});

test('two users who read in the same tick each get only their own row', async () => {
  const [ann, bob] = [await newUser(), await newUser()];
  const rounds = Array.from({ length: 100 }, () =>
    Promise.all([
      ann.db.task.findFirst({ where: { id: bob.taskId } }),
      bob.db.task.findFirst({ where: { id: bob.taskId } }),
      ann.db.task.findFirst({ where: { id: ann.taskId } }),
      bob.db.task.findFirst({ where: { id: ann.taskId } }),
    ]),
  );
  for (const [annsOfBob, bobs, anns, bobsOfAnn] of await Promise.all(rounds)) {
    expect([annsOfBob, bobs?.ownerId, anns?.ownerId, bobsOfAnn]).toEqual([
      null,
      bob.ownerId,
      ann.ownerId,
      null,
    ]);
  }
});

test('a transaction that fails leaves nothing behind', async () => {
  const { db } = await newUser();
  const failing = db.transaction(async (tx) => {
    await tx.task.updateMany({ where: {}, data: { title: 'changed' } });
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  expect(await db.task.findMany({ where: { title: 'changed' } })).toEqual([]);
});

test('a write that waits too long for another of its user is given up, to be tried again', async () => {
  const ann = await newUser();
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query('begin');
  await other.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [ann.ownerId]);
  const change = { where: { id: ann.taskId }, data: { title: 'changed' } };
  const waiting = [
    ann.db.task.updateMany(change),
    ann.db.transaction((db) => db.task.updateMany(change)),
  ];
  for (const write of await Promise.allSettled(waiting)) {
    expect(write).toMatchObject({ status: 'rejected', reason: expect.toSatisfy(isUnavailable) });
  }
});

test('queries that could reach around the owner are refused', async () => {
  const { db, ownerId } = await newUser();
  const task = db.task as unknown as Record<string, (args: object) => Promise<unknown>>;
  const refused: [string, object, RegExp][] = [
    ['findMany', { where: { ownerId } }, /ownerId/],
    ['findMany', { include: { list: true } }, /include/],
    ['findMany', { select: { owner: true } }, /owner/],
    ['create', { data: { id: 'x', title: 'x', orderKey: 'x', ownerId } }, /ownerId/],
    ['findUnique', { where: { id: ownerId, ownerId } }, /an id and nothing else/],
    ['findUnique', { where: { id: { not: ownerId } } }, /an id and nothing else/],
    ['findMany', { cursor: { ownerId_id: { ownerId, id: ownerId } } }, /cursor/],
    ['findMany', { select: { toString: true } }, /toString/],
    ['create', { data: { title: 'x', list: { create: { name: 'x' } } } }, /list/],
    ['updateMany', { where: {}, data: { owner: { connect: {} } } }, /owner/],
  ];
  for (const [operation, args, message] of refused) {
    await expect(async () => task[operation]?.(args)).rejects.toThrow(message);
  }
  // An undefined filter would be no filter.
  await expect(async () => task.findMany?.({ where: { id: undefined } })).rejects.toThrow(
    /undefined/,
  );
  expect(() => database.forUser({ ownerId: '', actor: '', face: '', requestId: '' })).toThrow(
    /owner/,
  );
});

test('each change of a row raises its version', async () => {
  const { db, taskId: id } = await newUser();
  await db.task.updateMany({ where: { id }, data: { title: 'second' } });
  const [third] = await db.task.updateManyAndReturn({ where: { id }, data: { title: 'third' } });
  expect(third?.version).toBe(3);
});

test('the login of the service is no superuser, owns no table and has no right by itself', async () => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(`
    select rolsuper, rolbypassrls,
      (select count(*)::int from pg_class where relowner = pg_roles.oid) as owned
    from pg_roles where rolname = current_user`);
  const count = client.query('select count(*)::int as n from tasks').then(
    ({ rows: [row] }) => row.n,
    () => 0,
  );
  expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, owned: 0 }]);
  expect(await count).toBe(0);
  await client.end();
});
