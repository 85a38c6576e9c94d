import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDatabase } from './database.ts';
import { PrismaClient } from './generated/client.ts';
import { type Args, type Fields, prismaTypes } from './owned-sql.ts';
import type { Scope } from './scope.ts';
import { ScopedPool } from './scoped-pool.ts';
import type { UserDb } from './user-db.ts';

type Row = Record<string, unknown>;
type Table = Record<string, (args: Args) => Promise<unknown>>;

const { url } = inject('database');
const scopes = new AsyncLocalStorage<Scope>();
const database = createDatabase({ url, onError: () => {} });
const pool = new ScopedPool(
  { connectionString: url },
  () => scopes.getStore() ?? { role: 'typedo_app' },
);
const prisma = new PrismaClient({ adapter: new PrismaPg(pool.asPgPool) });
afterAll(async () => {
  await Promise.all([database.close(), prisma.$disconnect()]);
  await pool.end();
});

const ids = Array.from({ length: 12 }, () => crypto.randomUUID()).toSorted();
const lists = [crypto.randomUUID(), crypto.randomUUID()];
const day = (date: number): Date => new Date(Date.UTC(2026, 10, date));
const rows = ids.map((id, index) => ({
  id,
  title: `task ${index % 5}`,
  notes: index % 3 === 0 ? `"quoted" \\ and ${index}, so` : '',
  listId: [null, ...lists][index % 3] ?? null,
  orderKey: `a${index % 4}`,
  priority: (['none', 'low', 'high'] as const)[index % 3] ?? 'none',
  dueDate: index % 4 === 0 ? null : day(index % 4),
  completedAt: index % 2 === 0 ? null : new Date(Date.UTC(2026, 10, index, 12, 0, 0, index)),
}));

/** Two owners with the same rows: whose rows are changed here are changed there by Prisma. */
interface Pair {
  here: { id: string; db: UserDb };
  there: { id: string; db: UserDb };
}
const newPair = async (): Promise<Pair> => {
  const [here, there] = await Promise.all(
    [0, 1].map(async () => {
      const { id } = await database.tokens.ensureOwner({
        issuer: 'sql',
        subject: crypto.randomUUID(),
      });
      const db = database.forUser({ ownerId: id, actor: 'test', face: 'trpc', requestId: 'test' });
      for (const [index, list] of lists.entries()) {
        const data = { id: list, name: `list ${index}`, orderKey: 'a0', archived: index === 1 };
        await db.list.create({ data });
      }
      for (const data of rows) await db.task.create({ data });
      return { id, db };
    }),
  );
  if (!here || !there) throw new Error('Two were made.');
  return { here, there };
};
let pair: Pair;
beforeAll(async () => {
  pair = await newPair();
});

const byPrisma = (ownerId: string, operation: string, args: Args): Promise<unknown> => {
  const delegate = prisma.task as unknown as Table;
  const owned =
    operation === 'create'
      ? { ...args, data: { ...args.data, ownerId } }
      : { ...args, where: { ...args.where, ownerId } };
  return scopes.run(
    { role: 'typedo_app', ownerId },
    async () => await delegate[operation]?.(owned),
  );
};
const byOwn = (db: UserDb, operation: string, args: Args): Promise<unknown> =>
  (db.task as unknown as Table)[operation]?.(args) ?? Promise.reject(new Error(operation));

const dates = fc.integer({ min: 0, max: 5 }).map(day);
const ranges = (values: fc.Arbitrary<unknown>): fc.Arbitrary<Fields> =>
  fc.record({ gt: values, gte: values, lt: values, lte: values }, { requiredKeys: [] });
const comparisons = (values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    values,
    values.map((not) => ({ not })),
    fc.array(values, { maxLength: 4 }).map((among) => ({ in: among })),
    ranges(values),
  );
const orNull = (values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(values, fc.constant(null), fc.constant({ not: null }));
const fields = {
  id: comparisons(fc.constantFrom(...ids, crypto.randomUUID())),
  title: comparisons(fc.constantFrom('task 0', 'task 1', 'task 9', "'; drop table tasks; --")),
  listId: orNull(comparisons(fc.constantFrom(...lists))),
  orderKey: comparisons(fc.constantFrom('a0', 'a1', 'a2', 'a3')),
  dueDate: orNull(comparisons(dates)),
  completedAt: orNull(ranges(dates)),
  version: comparisons(fc.integer({ min: 0, max: 3 })),
  list: fc.boolean().map((archived) => ({ is: { archived } })),
};
const { where } = fc.letrec<{ where: Fields; many: Fields[] }>((tie) => ({
  many: fc.array(tie('where'), { maxLength: 3 }),
  where: fc.record(
    { ...fields, AND: fc.oneof(tie('many'), tie('where')), OR: tie('many') },
    { requiredKeys: [], noNullPrototype: true },
  ),
}));
// Most that is asked for together is asked of few fields.
const asked = fc
  .tuple(where, fc.subarray([...Object.keys(fields), 'AND', 'OR'], { maxLength: 2 }))
  .map(([all, some]) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => some.includes(key))),
  );
const direction = fc.constantFrom('asc', 'desc');
const orderBy = fc
  .array(fc.tuple(fc.constantFrom('title', 'orderKey', 'createdAt', 'completedAt'), direction), {
    maxLength: 2,
  })
  .map((order) => [...order, ['id', 'asc'] as const].map(([field, by]) => ({ [field]: by })));
const select = fc.subarray(['id', 'title', 'dueDate', 'version', 'listId'], { minLength: 1 });

test('what is asked for gives what Prisma gives', async () => {
  const { id, db } = pair.here;
  const queries = fc.record({
    operation: fc.constantFrom('findFirst', 'findMany'),
    where: asked,
    orderBy,
    take: fc.integer({ min: 0, max: 13 }),
    select: fc.option(select, { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(queries, async ({ operation, take, select: fieldNames, ...query }) => {
      const args = {
        ...query,
        ...(operation === 'findMany' && { take }),
        ...(fieldNames && { select: Object.fromEntries(fieldNames.map((name) => [name, true])) }),
      };
      expect(await byOwn(db, operation, args)).toStrictEqual(await byPrisma(id, operation, args));
    }),
    { numRuns: 200, seed: 8 },
  );
});

test('rows that are looked up at once come by one statement, and to each user only their own', async () => {
  const statements: string[] = [];
  const traced = createDatabase({
    url,
    onError: () => {},
    trace(text, run) {
      statements.push(text);
      return run();
    },
  });
  const { here: ann, there: bob } = await newPair();
  const hers = crypto.randomUUID();
  await ann.db.task.create({ data: { id: hers, title: 'only hers', orderKey: 'a0' } });
  const asked = [...ids.slice(0, 2), hers, crypto.randomUUID(), ...ids.slice(0, 1)];
  const of = ({ id }: { id: string }) =>
    traced.forUser({ ownerId: id, actor: 'test', face: 'trpc', requestId: 'test' });
  const lookUp = async (db: UserDb) => {
    const found = await Promise.all(asked.map((id) => db.task.findUnique({ where: { id } })));
    return found.map((row) => row && [row.ownerId, row.id]);
  };
  const found = await Promise.all([lookUp(of(ann)), lookUp(of(bob))]);
  expect(statements).toHaveLength(2);
  const [first, second] = asked;
  expect(found).toEqual([
    [[ann.id, first], [ann.id, second], [ann.id, hers], null, [ann.id, first]],
    [[bob.id, first], [bob.id, second], null, null, [bob.id, first]],
  ]);

  const db = of(ann);
  const look = () => db.task.findUnique({ where: { id: hers } });
  expect(await look()).toMatchObject({ title: 'only hers' });
  await ann.db.task.deleteMany({ where: { id: hers } });
  expect(await look()).toBeNull();
  await traced.close();
});

/** A row but for what differs between two that were made and changed in the same way. */
const alike = (row: Row): Row => {
  const own = ['ownerId', 'createdAt', 'updatedAt'];
  return Object.fromEntries(Object.entries(row).filter(([field]) => !own.includes(field)));
};

test('what is changed, made and deleted is so as by Prisma', async () => {
  const { here, there } = await newPair();
  const data = fc.record(
    {
      title: fc.string({
        maxLength: 20,
        unit: fc.constantFrom('a', '"', "'", '\\', '$1', '😀', '{'),
      }),
      listId: fc.constantFrom(null, ...lists),
      dueDate: fc.option(dates),
      completedAt: fc.option(dates),
      priority: fc.constantFrom('low', 'medium'),
    },
    { requiredKeys: ['title'], noNullPrototype: true },
  );
  const changes = fc.oneof(
    fc.record({
      operation: fc.constantFrom('updateMany', 'updateManyAndReturn'),
      args: fc.record({ where: asked, data }),
    }),
    fc.record({
      operation: fc.constant('create'),
      args: fc
        .tuple(data, fc.constantFrom(...ids))
        .map(([values, id]) => ({ data: { ...values, id, orderKey: 'a9' } })),
    }),
    fc.record({ operation: fc.constant('deleteMany'), args: fc.record({ where: asked }) }),
  );
  const settled = async (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      (result) =>
        Array.isArray(result)
          ? (result as Row[]).map(alike).toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1))
          : alike(result as Row),
      () => 'refused',
    );
  await fc.assert(
    fc.asyncProperty(changes, async ({ operation, args }) => {
      const ours = await settled(byOwn(here.db, operation, args));
      expect(ours).toStrictEqual(await settled(byPrisma(there.id, operation, args)));
      const [left, right] = await Promise.all(
        [here, there].map(({ db }) => db.task.findMany({ orderBy: { id: 'asc' } })),
      );
      expect(left?.map(alike)).toStrictEqual(right?.map(alike));
    }),
    { numRuns: 120, seed: 8 },
  );
});

test('what Prisma would take and this does not is refused, and not passed over', async () => {
  const { db } = pair.here;
  const refused: [operation: string, args: object][] = [
    ['findMany', { where: { title: { contains: 'x' } } }],
    ['findMany', { where: { NOT: { title: 'x' } } }],
    ['findMany', { where: { id: { gt: undefined } } }],
    ['findMany', { where: { dueDate: { gt: null } } }],
    ['findMany', { where: { list: { isNot: null } } }],
    ['findMany', { where: { owner: { is: {} } } }],
    ['findMany', { orderBy: { list: { name: 'asc' } } }],
    ['findMany', { orderBy: { title: 'asc; drop table tasks' } }],
    ['updateMany', { where: {}, data: { version: { increment: 1 } } }],
    ['updateMany', { where: {}, data: { title: undefined } }],
  ];
  for (const [operation, args] of refused) {
    await expect(byOwn(db, operation, args), JSON.stringify(args)).rejects.toThrow();
  }
});

test('a time is read as it was written, to the millisecond, in whatever year', async () => {
  const fraction = fc.constantFrom('', '.5', '.07', '.123', '.000999', '.999999', '.29', '.123456');
  const year = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 1970, max: 2100 }) },
    fc.integer({ min: 1, max: 9999 }),
    fc.integer({ min: 10_000, max: 200_000 }),
  );
  const texts = fc.sample(
    fc.tuple(year, fc.date({ noInvalidDate: true }), fraction).map(([year, date, fraction]) => {
      const of = date.toISOString().slice(-24);
      return `${String(year).padStart(4, '0')}-${of.slice(-19, -17)}-01 ${of.slice(-13, -5)}${fraction}+00`;
    }),
    { numRuns: 500, seed: 8 },
  );
  const { rows: found } = await pool.run(
    { role: 'typedo_app' },
    {
      text: `select at, floor(extract(epoch from at) * 1000)::text as ms from unnest($1::timestamptz[]) at`,
      values: [texts],
      types: prismaTypes,
    },
  );
  for (const { at, ms } of found as { at: Date; ms: string }[])
    expect(String(at.getTime())).toBe(ms);
  expect(found).toHaveLength(texts.length);
});
