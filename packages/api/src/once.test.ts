import { expect, test } from 'vitest';
import { callByPath } from './call.ts';
import { newUser, refusal, untilAnswered } from './testing.ts';

type User = Awaited<ReturnType<typeof newUser>>;
const send = ({ context }: User, path: string, input: unknown, key: string) =>
  callByPath({ ...context, keyOf: () => key }, path, input);
const titles = async ({ call }: User) => (await call.tasks.list()).items.map(({ title }) => title);

test('a call that is sent again has one effect, and the answer of the first', async () => {
  const ann = await newUser();
  const milk = { title: 'Milk', due: { kind: 'date', date: '2026-12-24' } };
  const first = await send(ann, 'tasks.create', milk, 'k1');
  // In another order, as another client may write it.
  const again = { due: { date: '2026-12-24', kind: 'date' }, title: 'Milk' };
  expect(await send(ann, 'tasks.create', again, 'k1')).toEqual(first);
  expect(await titles(ann)).toEqual(['Milk']);
  expect((await ann.call.history.list()).items).toHaveLength(1);
});

test('of a hundred calls at once with one key, one has an effect', async () => {
  const ann = await newUser();
  const create = () => send(ann, 'tasks.create', { title: 'Milk' }, 'k1');
  const answers = await Promise.all(Array.from({ length: 100 }, () => untilAnswered(create)));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(await titles(ann)).toEqual(['Milk']);
});

test('a key that came with another call is refused, and nothing happens', async () => {
  const ann = await newUser();
  await send(ann, 'tasks.create', { title: 'Milk' }, 'k1');
  expect(await refusal(send(ann, 'tasks.create', { title: 'Oats' }, 'k1'))).toBe('KEY_REUSED');
  expect(await refusal(send(ann, 'lists.create', { name: 'Milk' }, 'k1'))).toBe('KEY_REUSED');
  expect(await titles(ann)).toEqual(['Milk']);
});

test('a call that failed can be sent again with its key, and then happens', async () => {
  const ann = await newUser();
  const { id } = await ann.call.lists.create({ name: 'Home' });
  await ann.call.lists.archive({ id });
  const milk = { title: 'Milk', listId: id };
  expect(await refusal(send(ann, 'tasks.create', milk, 'k1'))).toBe('LIST_ARCHIVED');
  await ann.call.lists.archive({ id, archived: false });
  expect(await send(ann, 'tasks.create', milk, 'k1')).toMatchObject(milk);
});

test('a key of another user is as good as new', async () => {
  const [ann, bob] = [await newUser(), await newUser()];
  await send(ann, 'tasks.create', { title: 'hers' }, 'k1');
  expect(await send(bob, 'tasks.create', { title: 'his' }, 'k1')).toMatchObject({ title: 'his' });
  expect(await titles(ann)).toEqual(['hers']);
});

test('a call that waits too long for another write of the user says so', async () => {
  const ann = await newUser();
  const { db } = ann.caller;
  await db.transaction(async (tx) => {
    await tx.task.findMany({ where: {} });
    const codes: unknown[] = [];
    const meanwhile = async () =>
      codes.push(await refusal(send(ann, 'tasks.create', { title: 'x' }, 'k1')));
    const called = meanwhile();
    // A transaction in which nothing happens would be ended.
    while (codes.length === 0) await tx.task.findMany({ where: {} });
    await called;
    expect(codes).toEqual(['IN_FLIGHT']);
  });
  expect(await send(ann, 'tasks.create', { title: 'x' }, 'k1')).toMatchObject({ title: 'x' });
});

test('who expects another version than there is gets what there is', async () => {
  const { call } = await newUser();
  const { id } = await call.tasks.create({ title: 'Milk' });
  const current = await call.tasks.update({ id, title: 'Oats' });
  const list = await call.lists.create({ name: 'Home' });
  const conflicts = [
    [() => call.tasks.update({ id, title: 'Rye', expectedVersion: 1 }), current],
    [() => call.tasks.complete({ id, expectedVersion: 1 }), current],
    [() => call.lists.update({ id: list.id, name: 'House', expectedVersion: 7 }), list],
    [() => call.lists.delete({ id: list.id, expectedVersion: 7 }), list],
  ] as const;
  for (const [conflict, there] of conflicts) {
    await expect(conflict()).rejects.toMatchObject({
      cause: { code: 'VERSION_CONFLICT', current: there },
    });
  }
});
