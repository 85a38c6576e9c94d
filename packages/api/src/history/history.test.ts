import { expect, test } from 'vitest';
import { newUser, refusal } from '../testing.ts';

const content = (row: object) => ({ ...row, version: 0, updatedAt: 0 });

const setUp = async () => {
  const { call } = await newUser();
  const home = await call.lists.create({ name: 'Home' });
  const milk = await call.tasks.create({
    title: 'Milk',
    listId: home.id,
    due: { kind: 'date', date: '2026-12-24' },
  });
  return { call, home, milk };
};
const latest = async (call: Awaited<ReturnType<typeof newUser>>['call']) =>
  (await call.history.list()).items[0]?.revision ?? 0;

test('history tells what became of what, field by field, the latest first', async () => {
  const { call, home, milk } = await setUp();
  await call.tasks.update({ id: milk.id, title: 'Oats', due: null });
  const { items } = await call.history.list();
  expect(items.map(({ revision, noun, operation }) => [revision, noun, operation])).toEqual([
    [3, 'tasks', 'update'],
    [2, 'tasks', 'create'],
    [1, 'lists', 'create'],
  ]);
  expect(items[0]).toMatchObject({ id: milk.id, face: 'trpc' });
  expect(items[0]?.fields).toEqual(
    expect.arrayContaining([
      { field: 'title', before: 'Milk', after: 'Oats' },
      { field: 'due', before: '2026-12-24', after: null },
    ]),
  );
  expect(items[1]?.fields).toContainEqual({ field: 'listId', before: null, after: home.id });
});

test('history comes in pages', async () => {
  const { call } = await setUp();
  const first = await call.history.list({ limit: 1 });
  const second = await call.history.list({ limit: 1, cursor: first.nextCursor ?? '' });
  expect([...first.items, ...second.items].map(({ revision }) => revision)).toEqual([2, 1]);
  expect(second.nextCursor).toBeNull();
});

test('undoing brings back what was, and undoing that what became of it', async () => {
  const { call, home, milk } = await setUp();
  await call.tasks.create({ title: 'Bread', listId: home.id });
  const before = {
    tasks: await call.tasks.list({ listId: home.id }),
    lists: await call.lists.list(),
  };
  await call.lists.delete({ id: home.id });
  const deletion = await latest(call);

  const { revision: undo } = await call.history.undo({ revision: deletion });
  expect(undo).toBe(deletion + 1);
  const tasks = await call.tasks.list({ listId: home.id });
  expect(tasks.items.map(content)).toEqual(before.tasks.items.map(content));
  expect((await call.lists.list()).items.map(content)).toEqual(before.lists.items.map(content));

  await call.history.undo({ revision: undo });
  expect((await call.lists.list()).items).toEqual([]);
  expect((await call.tasks.get({ id: milk.id })).deletedAt).toBeInstanceOf(Date);
});

test('what was made is gone once that is undone', async () => {
  const { call, milk } = await setUp();
  await call.history.undo({ revision: await latest(call) });
  expect(await refusal(call.tasks.get({ id: milk.id }))).toBe('TASK_NOT_FOUND');
});

test('what changed nothing can be undone, too', async () => {
  const { call, milk } = await setUp();
  const saved = await call.tasks.update({ id: milk.id, title: milk.title });
  const { revision } = await call.history.undo({ revision: await latest(call) });
  expect(revision).toBe(4);
  expect(content(await call.tasks.get({ id: milk.id }))).toEqual(content(saved));
});

test('undoing is refused as a whole where later changes stand in the way', async () => {
  const { call, home, milk } = await setUp();
  await call.tasks.update({ id: milk.id, title: 'Oats' });
  const renaming = await latest(call);
  await call.tasks.update({ id: milk.id, notes: 'two litres' });
  await call.history.undo({ revision: renaming });
  expect(await call.tasks.get({ id: milk.id })).toMatchObject({
    title: 'Milk',
    notes: 'two litres',
  });

  await call.tasks.update({ id: milk.id, title: 'Rye' });
  for (const revision of [1, 2, renaming]) {
    expect(await refusal(call.history.undo({ revision })), String(revision)).toBe('UNDO_BLOCKED');
  }
  expect(await call.lists.get({ id: home.id })).toEqual(home);
});

test('nobody sees or undoes what another did', async () => {
  const { call: ann } = await setUp();
  const { call: bob } = await newUser();
  expect((await bob.history.list()).items).toEqual([]);
  expect(await refusal(bob.history.undo({ revision: 1 }))).toBe('REVISION_NOT_FOUND');
  expect(await refusal(ann.history.undo({ revision: 99 }))).toBe('REVISION_NOT_FOUND');
});
