import type { ListTasksInput, Task } from '@typedo/contract';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { newUser, refusal, refusals } from '../testing.ts';

type Caller = Awaited<ReturnType<typeof newUser>>['call'];
const titles = (page: { items: Task[] }): string[] => page.items.map(({ title }) => title);
const due = (date: string) => ({ kind: 'date', date }) as const;
const createAll = async (call: Caller, names: string[]): Promise<Task[]> => {
  const made: Task[] = [];
  for (const title of names) made.push(await call.tasks.create({ title }));
  return made;
};
const allPages = async (call: Caller, input: ListTasksInput): Promise<Task[]> => {
  const { items, nextCursor } = await call.tasks.list(input);
  return nextCursor
    ? [...items, ...(await allPages(call, { ...input, cursor: nextCursor }))]
    : items;
};

test('a task is made with what is given, and defaults for the rest', async () => {
  const { call } = await newUser();
  const id = uuidv7();
  const full = await call.tasks.create({
    id,
    title: ' Call Bob ',
    notes: ' as is ',
    priority: 'high',
    due: due('2028-02-29'),
  });
  expect(full).toMatchObject({
    id,
    title: 'Call Bob',
    notes: ' as is ',
    priority: 'high',
    due: due('2028-02-29'),
    listId: null,
    completedAt: null,
    deletedAt: null,
    version: 1,
  });
  expect(await call.tasks.create({ title: 'x' })).toMatchObject({
    notes: '',
    priority: 'none',
    due: null,
  });
  expect(await call.tasks.get({ id })).toEqual(full);
});

test('an id can be used once', async () => {
  const { call } = await newUser();
  const { id } = await call.tasks.create({ title: 'first' });
  expect(await refusal(call.tasks.create({ id, title: 'again' }))).toBe('ID_TAKEN');
});

test('a patch changes what it names, clears what is null and leaves the rest', async () => {
  const { call } = await newUser();
  const task = await call.tasks.create({ title: 'a', notes: 'n', due: due('2026-12-24') });
  const renamed = await call.tasks.update({ id: task.id, title: 'b' });
  expect(renamed).toMatchObject({ title: 'b', notes: 'n', due: due('2026-12-24'), version: 2 });
  const undated = await call.tasks.update({ id: task.id, due: null, notes: '' });
  expect(undated).toMatchObject({ title: 'b', notes: '', due: null, version: 3 });
  expect(await call.tasks.update({ id: task.id })).toEqual(undated);
  const moved = await call.tasks.update({ id: task.id, due: due('2026-12-31'), priority: 'low' });
  expect(moved).toMatchObject({ due: due('2026-12-31'), priority: 'low' });
});

test('completing and reopening can be said twice and happens once', async () => {
  const { call, clock } = await newUser();
  const { id } = await call.tasks.create({ title: 'a' });
  const completed = await call.tasks.complete({ id });
  expect(completed.completedAt).toEqual(clock.now());
  clock.set('2026-11-21T08:00:00Z');
  expect(await call.tasks.complete({ id })).toEqual(completed);
  const reopened = await call.tasks.reopen({ id });
  expect(reopened.completedAt).toBeNull();
  expect(await call.tasks.reopen({ id })).toEqual(reopened);
});

test('the trash keeps a task until it is restored, and lets nobody change it', async () => {
  const { call, clock } = await newUser();
  const { id } = await call.tasks.create({ title: 'a' });
  const trashed = await call.tasks.delete({ id });
  expect(trashed.deletedAt).toEqual(clock.now());
  expect(await call.tasks.delete({ id })).toEqual(trashed);
  expect(titles(await call.tasks.list({}))).toEqual([]);
  expect(titles(await call.tasks.list({ trashed: true }))).toEqual(['a']);
  expect(await call.tasks.get({ id })).toEqual(trashed);
  const changes = [
    call.tasks.update({ id, title: 'b' }),
    call.tasks.update({ id }),
    call.tasks.complete({ id }),
    call.tasks.reopen({ id }),
    call.tasks.move({ id }),
  ];
  expect(await refusals(changes)).toEqual(['TASK_IN_TRASH']);
  const restored = await call.tasks.restore({ id });
  expect(restored.deletedAt).toBeNull();
  expect(await call.tasks.restore({ id })).toEqual(restored);
});

test('what does not exist is not found, whatever is asked of it', async () => {
  const { call } = await newUser();
  const id = uuidv7();
  const attempts = [
    call.tasks.get({ id }),
    call.tasks.update({ id, title: 'b' }),
    call.tasks.complete({ id }),
    call.tasks.reopen({ id }),
    call.tasks.move({ id }),
    call.tasks.delete({ id }),
    call.tasks.restore({ id }),
  ];
  expect(await refusals(attempts)).toEqual(['TASK_NOT_FOUND']);
});

test('a task of another user is as absent as one that never was', async () => {
  const [ann, bob] = [await newUser(), await newUser()];
  const { id } = await bob.call.tasks.create({ title: 'secret' });
  const list = await bob.call.lists.create({ name: 'secret' });
  expect(await refusal(ann.call.tasks.get({ id }))).toBe('TASK_NOT_FOUND');
  expect(await refusal(ann.call.tasks.delete({ id }))).toBe('TASK_NOT_FOUND');
  expect(await refusal(ann.call.tasks.create({ title: 'x', listId: list.id }))).toBe(
    'LIST_NOT_FOUND',
  );
  expect(await ann.call.tasks.list({ listId: list.id })).toEqual({ items: [], nextCursor: null });
  expect(await bob.call.tasks.get({ id })).toMatchObject({ title: 'secret', version: 1 });
});

test('tasks are listed by list, completion, due range and trash', async () => {
  const { call } = await newUser();
  const home = await call.lists.create({ name: 'Home' });
  await call.tasks.create({ title: 'inbox' });
  await call.tasks.create({ title: 'home', listId: home.id, due: due('2026-12-02') });
  const done = await call.tasks.create({ title: 'done', due: due('2026-12-01') });
  await call.tasks.complete({ id: done.id });
  const gone = await call.tasks.create({ title: 'gone' });
  await call.tasks.delete({ id: gone.id });

  expect(titles(await call.tasks.list({}))).toEqual(['inbox', 'home', 'done']);
  expect(titles(await call.tasks.list({ listId: home.id }))).toEqual(['home']);
  expect(titles(await call.tasks.list({ listId: null }))).toEqual(['inbox', 'done']);
  expect(titles(await call.tasks.list({ completed: false }))).toEqual(['inbox', 'home']);
  expect(titles(await call.tasks.list({ completed: true }))).toEqual(['done']);
  expect(titles(await call.tasks.list({ dueTo: '2026-12-01' }))).toEqual(['done']);
  expect(titles(await call.tasks.list({ dueFrom: '2026-12-02' }))).toEqual(['home']);
  expect(titles(await call.tasks.list({ dueFrom: '2026-12-01', dueTo: '2026-12-31' }))).toEqual([
    'done',
    'home',
  ]);
  expect(titles(await call.tasks.list({ trashed: true }))).toEqual(['gone']);
});

test('tasks of an archived list show only where that list is asked for', async () => {
  const { call } = await newUser();
  const old = await call.lists.create({ name: 'Old' });
  await call.tasks.create({ title: 'a', listId: old.id, due: due('2026-12-01') });
  await call.lists.archive({ id: old.id });
  expect(titles(await call.tasks.list({ dueTo: '2026-12-31' }))).toEqual([]);
  expect(titles(await call.tasks.list({ listId: old.id }))).toEqual(['a']);
  expect(await refusal(call.tasks.create({ title: 'b', listId: old.id }))).toBe('LIST_ARCHIVED');
});

test('each view pages through all its tasks in its own order', async () => {
  const { call, clock } = await newUser();
  const days = ['2026-12-03', '2026-12-01', '2026-12-02', '2026-12-01', '2026-12-03'];
  for (const [n, day] of days.entries()) {
    const { id } = await call.tasks.create({ title: `t${n}`, due: due(day) });
    clock.set(`2026-11-20T12:0${n}:00Z`);
    if (n % 2 === 0) await call.tasks.complete({ id });
  }
  const inPages = async (input: ListTasksInput) =>
    (await allPages(call, { ...input, limit: 2 })).map(({ title }) => title);
  expect(await inPages({})).toEqual(['t0', 't1', 't2', 't3', 't4']);
  expect(await inPages({ dueFrom: '2026-01-01' })).toEqual(['t1', 't3', 't2', 't0', 't4']);
  expect(await inPages({ completed: true })).toEqual(['t4', 't2', 't0']);
  for (const { id } of await allPages(call, {})) {
    clock.set(new Date(clock.now().getTime() + 1000).toISOString());
    await call.tasks.delete({ id });
  }
  expect(await inPages({ trashed: true })).toEqual(['t4', 't3', 't2', 't1', 't0']);
});

test('pages neither repeat nor skip a task while others come and go', async () => {
  const { call } = await newUser();
  const made = await createAll(call, ['a', 'b', 'c', 'd', 'e', 'f']);
  const first = await call.tasks.list({ limit: 3 });
  await call.tasks.delete({ id: made[0]?.id ?? '' });
  await call.tasks.delete({ id: made[3]?.id ?? '' });
  const late = await call.tasks.create({ title: 'top' });
  await call.tasks.move({ id: late.id, afterId: null });
  const rest = await allPages(call, { limit: 2, cursor: first.nextCursor ?? '' });
  expect([...titles(first), ...rest.map(({ title }) => title)]).toEqual(['a', 'b', 'c', 'e', 'f']);
});

test('a cursor that is garbage, or of another view, is refused by name', async () => {
  const { call } = await newUser();
  await createAll(call, ['a', 'b']);
  const { nextCursor } = await call.tasks.list({ limit: 1 });
  const badDate = Buffer.from('["due","not a date","a0","id"]').toString('base64url');
  const cursorOf = (...values: string[]) =>
    Buffer.from(JSON.stringify(values)).toString('base64url');
  for (const [cursor, filter] of [
    ['garbage', {}],
    [`${cursorOf('order', 'a0', uuidv7())}0!`, {}],
    [cursorOf('order', '\0', uuidv7()), {}],
    [cursorOf('order', 'a0', 'zzz'), {}],
    [cursorOf('order', '', ''), {}],
    [cursorOf('completed', '0000-01-01T00:00:00.000Z', uuidv7()), { completed: true }],
    [cursorOf('completed', '-000001-01-01T00:00:00.000Z', uuidv7()), { completed: true }],
    [Buffer.from('{"a":1}').toString('base64url'), {}],
    [Buffer.from('["order"]').toString('base64url'), {}],
    [nextCursor ?? '', { completed: true }],
    [badDate, { dueTo: '2026-12-01' }],
  ] as const) {
    const error = await call.tasks.list({ ...filter, cursor }).catch((reason) => reason);
    expect(error.cause).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ path: ['cursor'] }],
    });
  }
});

test('a task moves to the top, to the end, after another and into another list', async () => {
  const { call } = await newUser();
  const [a, b, c] = await createAll(call, ['a', 'b', 'c']);
  const id = c?.id ?? '';
  const order = async () => titles(await call.tasks.list({ listId: null }));
  await call.tasks.move({ id, afterId: null });
  expect(await order()).toEqual(['c', 'a', 'b']);
  await call.tasks.move({ id, afterId: a?.id ?? '' });
  expect(await order()).toEqual(['a', 'c', 'b']);
  await call.tasks.move({ id, afterId: a?.id ?? '' });
  expect(await order()).toEqual(['a', 'c', 'b']);
  await call.tasks.move({ id });
  expect(await order()).toEqual(['a', 'b', 'c']);
  const home = await call.lists.create({ name: 'Home' });
  const moved = await call.tasks.move({ id, listId: home.id });
  expect(moved.listId).toBe(home.id);
  expect(await order()).toEqual(['a', 'b']);
  await call.tasks.move({ id, listId: null, afterId: b?.id ?? '' });
  expect(await order()).toEqual(['a', 'b', 'c']);
});

test('a task cannot move after itself, after nothing, or into a list that is not there', async () => {
  const { call } = await newUser();
  const { id } = await call.tasks.create({ title: 'a' });
  for (const afterId of [id, uuidv7()]) {
    const error = await call.tasks.move({ id, afterId }).catch((reason) => reason);
    expect(error.cause).toMatchObject({
      code: 'VALIDATION_FAILED',
      issues: [{ path: ['afterId'] }],
    });
  }
  expect(await refusal(call.tasks.move({ id, listId: uuidv7() }))).toBe('LIST_NOT_FOUND');
});

test('order survives hundreds of inserts at one place, with short keys', async () => {
  const { call } = await newUser();
  const [first] = await createAll(call, ['first', 'last']);
  for (let n = 0; n < 400; n += 1) {
    const { id } = await call.tasks.create({ title: `t${n}` });
    await call.tasks.move({ id, afterId: first?.id ?? '' });
  }
  const all = await allPages(call, { listId: null, limit: 100 });
  const expected = Array.from({ length: 400 }, (_, n) => `t${399 - n}`);
  expect(all.map(({ title }) => title)).toEqual(['first', ...expected, 'last']);
  expect(Math.max(...all.map(({ order }) => order.length))).toBeLessThanOrEqual(64);
});

test('a task can be put between two that were made at the very same moment', async () => {
  const { call } = await newUser();
  await Promise.all(Array.from({ length: 8 }, (_, n) => call.tasks.create({ title: `t${n}` })));
  const before = await allPages(call, {});
  const { id } = await call.tasks.create({ title: 'between' });
  await call.tasks.move({ id, afterId: before[3]?.id ?? '' });
  const after = await allPages(call, {});
  expect(after.map((task) => task.id)).toEqual(before.map((task) => task.id).toSpliced(4, 0, id));
});

test('a change that expects another version than there is changes nothing', async () => {
  const { call } = await newUser();
  const { id } = await call.tasks.create({ title: 'a' });
  const { id: listId } = await call.lists.create({ name: 'a' });
  const expected = { id, expectedVersion: 2 };
  const changes = [
    () => call.tasks.update({ ...expected, title: 'b' }),
    () => call.tasks.update(expected),
    () => call.tasks.complete(expected),
    () => call.tasks.reopen(expected),
    () => call.tasks.move({ ...expected, listId }),
    () => call.tasks.delete(expected),
    () => call.tasks.restore(expected),
    () => call.lists.update({ id: listId, expectedVersion: 2, name: 'b' }),
    () => call.lists.archive({ id: listId, expectedVersion: 2 }),
    () => call.lists.delete({ id: listId, expectedVersion: 2 }),
  ];
  for (const change of changes) expect(await refusal(change())).toBe('VERSION_CONFLICT');
  expect(await call.tasks.get({ id })).toMatchObject({ title: 'a', version: 1, deletedAt: null });
  expect(await call.lists.get({ id: listId })).toMatchObject({ name: 'a', version: 1 });
  expect(await call.tasks.complete({ id, expectedVersion: 1 })).toMatchObject({ version: 2 });
  expect(await refusal(call.tasks.complete({ id, expectedVersion: 1 }))).toBe('VERSION_CONFLICT');
  await call.lists.delete({ id: listId, expectedVersion: 1 });
});
