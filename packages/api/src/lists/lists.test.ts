import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { newUser, refusal } from '../testing.ts';

test('lists are made, renamed, recoloured and listed in the user’s order', async () => {
  const { call } = await newUser();
  const id = uuidv7();
  const work = await call.lists.create({ id, name: ' Work ', color: 'blue' });
  expect(work).toMatchObject({ id, name: 'Work', color: 'blue', archived: false, version: 1 });
  const home = await call.lists.create({ name: 'Home' });
  expect(home.color).toBe('gray');
  await call.lists.update({ id: home.id, afterId: null });
  expect((await call.lists.list({})).items.map(({ name }) => name)).toEqual(['Home', 'Work']);
  await call.lists.update({ id: home.id, afterId: id });
  const renamed = await call.lists.update({ id, name: 'Office', color: 'red' });
  expect(renamed).toMatchObject({ name: 'Office', color: 'red', version: 2 });
  expect((await call.lists.list({})).items.map(({ name }) => name)).toEqual(['Office', 'Home']);
  expect(await refusal(call.lists.create({ id, name: 'again' }))).toBe('ID_TAKEN');
});

test('lists come in pages', async () => {
  const { call } = await newUser();
  for (const name of ['a', 'b', 'c']) await call.lists.create({ name });
  const first = await call.lists.list({ limit: 2 });
  const second = await call.lists.list({ limit: 2, cursor: first.nextCursor ?? '' });
  expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(second.nextCursor).toBeNull();
});

test('archiving can be said twice and happens once', async () => {
  const { call } = await newUser();
  const { id } = await call.lists.create({ name: 'a' });
  const archived = await call.lists.archive({ id });
  expect(await call.lists.archive({ id })).toEqual(archived);
  expect((await call.lists.list({ archived: false })).items).toEqual([]);
  expect((await call.lists.list({ archived: true })).items).toEqual([archived]);
  expect(await call.lists.archive({ id, archived: false })).toMatchObject({
    archived: false,
    version: 3,
  });
});

test('deleting a list moves its tasks to the trash, from where they return to the Inbox', async () => {
  const { call } = await newUser();
  const { id } = await call.lists.create({ name: 'a' });
  const open = await call.tasks.create({ title: 'open', listId: id });
  const trashed = await call.tasks.create({ title: 'trashed', listId: id });
  await call.tasks.delete({ id: trashed.id });
  expect(await call.lists.delete({ id })).toEqual({ id, trashedTasks: 1, revision: 5 });
  expect((await call.tasks.list({ trashed: true })).items).toHaveLength(2);
  expect(await call.tasks.restore({ id: open.id })).toMatchObject({
    listId: null,
    deletedAt: null,
  });
  expect((await call.lists.list({})).items).toEqual([]);
});

test('what does not exist, or is another user’s, is not found', async () => {
  const [ann, bob] = [await newUser(), await newUser()];
  const { id: bobs } = await bob.call.lists.create({ name: 'secret' });
  for (const id of [uuidv7(), bobs]) {
    expect(await refusal(ann.call.lists.get({ id }))).toBe('LIST_NOT_FOUND');
    expect(await refusal(ann.call.lists.update({ id, name: 'x' }))).toBe('LIST_NOT_FOUND');
    expect(await refusal(ann.call.lists.archive({ id }))).toBe('LIST_NOT_FOUND');
    expect(await refusal(ann.call.lists.delete({ id }))).toBe('LIST_NOT_FOUND');
    expect(await refusal(ann.call.lists.update({ id, afterId: null }))).toBe('LIST_NOT_FOUND');
  }
  expect(await bob.call.lists.get({ id: bobs })).toMatchObject({ name: 'secret', version: 1 });
});
