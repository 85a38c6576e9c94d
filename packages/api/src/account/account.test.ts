import { expect, test } from 'vitest';
import { newUser, refusal } from '../testing.ts';

const confirm = 'delete my account';

test('an export has everything: lists, tasks with those in the trash, tokens without their secret', async () => {
  const { call, owner } = await newUser();
  const list = await call.lists.create({ name: 'Home' });
  const open = await call.tasks.create({ title: 'open', listId: list.id });
  const { id } = await call.tasks.create({ title: 'thrown away' });
  const trashed = await call.tasks.delete({ id });
  const { token, ...known } = await call.tokens.create({
    name: 'backup',
    scopes: ['tasks:read'],
    expiresAt: null,
  });
  const all = await call.account.export();
  expect(all).toMatchObject({
    account: { id: owner.id },
    issuer: 'test',
    lists: [list],
    tasks: [open, trashed],
    tokens: [known],
    rows: { owners: 1, lists: 1, tasks: 2, personal_tokens: 1, auth_users: 0 },
  });
  expect(JSON.stringify(all)).not.toContain(token);
});

test('an export has nobody else’s, and as much as there is', async () => {
  const [ann, bob] = [await newUser(), await newUser()];
  await bob.call.tasks.create({ title: 'of Bob' });
  const { db } = ann.caller;
  const ids = Array.from({ length: 2005 }, () => crypto.randomUUID());
  // As the wire has ids: of version 7.
  const data = ids.map((id) => ({ id: `${id.slice(0, 14)}7${id.slice(15)}` }));
  for (const { id } of data) await db.task.create({ data: { id, title: id, orderKey: 'a0' } });
  const { tasks, rows } = await ann.call.account.export();
  expect(tasks.map(({ id }) => id)).toEqual(data.map(({ id }) => id).toSorted());
  expect(rows.tasks).toBe(2005);
});

test('what is read for an export is of one moment, and holds up nobody', async () => {
  const { call, caller } = await newUser();
  await call.tasks.create({ title: 'before' });
  const { db } = caller;
  const seen = await db.snapshot(async (tx) => {
    const before = await tx.task.findMany({});
    await call.tasks.create({ title: 'meanwhile' });
    return [before, await tx.task.findMany({})];
  });
  expect(seen.map((tasks) => tasks.map(({ title }) => title))).toEqual([['before'], ['before']]);
});

test('a deleted account takes everything with it, and nothing can be written after it', async () => {
  const { call } = await newUser();
  const { id: listId } = await call.lists.create({ name: 'Home' });
  await call.tasks.create({ title: 'x', listId });
  await call.tokens.create({ name: 'x', scopes: ['tasks:read'], expiresAt: null });
  expect(await call.account.delete({ confirm })).toMatchObject({
    owners: 1,
    lists: 1,
    tasks: 1,
    personal_tokens: 1,
  });
  expect((await call.tasks.list()).items).toEqual([]);
  expect(await refusal(call.account.export())).toBe('SESSION_ENDED');
  expect(await refusal(call.account.delete({ confirm }))).toBe('SESSION_ENDED');
});

test('nobody deletes an account by mistake, or another’s', async () => {
  const [ann, bob] = [await newUser(), await newUser()];
  await bob.call.tasks.create({ title: 'of Bob' });
  for (const input of [undefined, {}, { confirm: 'yes' }, { confirm, ownerId: bob.owner.id }]) {
    expect(await refusal(ann.call.account.delete(input as never))).toBe('BAD_REQUEST');
  }
  await ann.call.account.delete({ confirm });
  expect((await bob.call.tasks.list()).items).toHaveLength(1);
});
