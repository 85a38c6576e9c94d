import type { TrackedEnvelope } from '@trpc/server';
import { CatalogueError, type List, type SyncPage, type Task } from '@typedo/contract';
import { expect, test } from 'vitest';
import { newUser, refusal } from '../testing.ts';
import { createWakeUps } from '../wake-ups.ts';

type Call = Awaited<ReturnType<typeof newUser>>['call'];

/** A copy as docs/sync.md has clients keep one. */
const newCopy = () => {
  const lists = new Map<string, List>();
  const tasks = new Map<string, Task>();
  let since: string | undefined;
  const apply = (page: SyncPage) => {
    for (const list of page.lists) lists.set(list.id, list);
    for (const task of page.tasks) tasks.set(task.id, task);
    for (const { noun, id } of page.deleted) (noun === 'lists' ? lists : tasks).delete(id);
    since = page.position;
  };
  return {
    lists,
    tasks,
    async pull(call: Call, limit?: number) {
      let pages = 0;
      for (let hasMore = true; hasMore; pages += 1) {
        const page = await call.sync.pull({ ...(since && { since }), ...(limit && { limit }) });
        apply(page);
        ({ hasMore } = page);
      }
      return pages;
    },
  };
};
const all = async (call: Call) => {
  const shown = await call.tasks.list({ limit: 100 });
  const trashed = await call.tasks.list({ trashed: true, limit: 100 });
  const lists = await call.lists.list();
  return { tasks: [...shown.items, ...trashed.items], lists: lists.items };
};
const byId = (rows: Iterable<{ id: string }>) =>
  [...rows].toSorted((a, b) => (a.id < b.id ? -1 : 1));
const rowsOf = ({ tasks, lists }: { tasks: Iterable<Task>; lists: Iterable<List> }) => ({
  tasks: byId(tasks),
  lists: byId(lists),
});
const copied = ({ tasks, lists }: ReturnType<typeof newCopy>) =>
  rowsOf({ tasks: tasks.values(), lists: lists.values() });

const setUp = async () => {
  const { call, context } = await newUser();
  const home = await call.lists.create({ name: 'Home' });
  const tasks: Task[] = [];
  for (let n = 0; n < 12; n += 1) {
    tasks.push(await call.tasks.create({ title: `${n}`, listId: n % 2 ? home.id : null }));
  }
  return { call, context, home, tasks };
};

test('a copy is filled page by page, and then kept up with what changed', async () => {
  const { call, home, tasks } = await setUp();
  await call.tasks.delete({ id: tasks[0]?.id ?? '' });
  const copy = newCopy();
  expect(await copy.pull(call, 3)).toBeGreaterThan(4);
  expect(copied(copy)).toEqual(rowsOf(await all(call)));

  await call.tasks.update({ id: tasks[1]?.id ?? '', title: 'changed' });
  await call.lists.delete({ id: home.id });
  await call.tasks.create({ title: 'new' });
  // Deleting the list is one revision of seven changes, which three pages are made of.
  await copy.pull(call, 3);
  expect(copied(copy)).toEqual(rowsOf(await all(call)));
  expect(copy.lists.size).toBe(0);
  expect(await copy.pull(call)).toBe(1);
});

test('what is changed while a copy is filled is not missed', async () => {
  const { call, home, tasks } = await setUp();
  const copy = newCopy();
  const first = await call.sync.pull({ limit: 5 });
  await call.tasks.update({ id: tasks[0]?.id ?? '', title: 'changed' });
  await call.lists.delete({ id: home.id });
  for (const task of first.tasks) copy.tasks.set(task.id, task);
  for (const list of first.lists) copy.lists.set(list.id, list);
  let { position: since, hasMore } = first;
  while (hasMore) {
    const page = await call.sync.pull({ since, limit: 5 });
    for (const task of page.tasks) copy.tasks.set(task.id, task);
    for (const list of page.lists) copy.lists.set(list.id, list);
    for (const { noun, id } of page.deleted) copy[noun].delete(id);
    ({ position: since, hasMore } = page);
  }
  expect(copied(copy)).toEqual(rowsOf(await all(call)));
});

test('who has read everything otherwise goes on from the position of before', async () => {
  const { call, tasks } = await setUp();
  const { position: since } = await call.sync.position();
  const empty = { lists: [], tasks: [], deleted: [], position: since, hasMore: false };
  expect(await call.sync.pull({ since })).toEqual(empty);
  const changed = await call.tasks.complete({ id: tasks[3]?.id ?? '' });
  expect((await call.sync.pull({ since })).tasks).toEqual([changed]);
});

test('a position that the log does not go on from is refused', async () => {
  const { call } = await setUp();
  for (const since of ['99', '14.1', '99.1']) {
    expect(await refusal(call.sync.pull({ since })), since).toBe('POSITION_EXPIRED');
  }
  for (const since of [
    'x',
    '-1',
    '1.tokens.0199c2d4-7a10-7cc3-98c4-dc0c0c07398f',
    '1.lists.x',
    `1.tasks.${'-'.repeat(36)}`,
  ]) {
    expect(await refusal(call.sync.pull({ since })), since).toBe('BAD_REQUEST');
  }
});

test('commands are run in their order, each with what became of it', async () => {
  const { call } = await newUser();
  const id = '0199c2d4-7a10-7cc3-98c4-dc0c0c07398f';
  const commands = [
    { path: 'tasks.create', input: { id, title: 'Milk' }, key: 'k1' },
    { path: 'tasks.update', input: { id, title: '' }, key: 'k2' },
    { path: 'tasks.update', input: { id, title: 'Oats', expectedVersion: 7 }, key: 'k3' },
    { path: 'tasks.list', input: {}, key: 'k4' },
    { path: 'tokens.create', input: {}, key: 'k5' },
    { path: 'sync.push', input: { commands: [] }, key: 'k6' },
    { path: 'tasks.none', input: {}, key: 'k7' },
    { path: 'tasks.complete', input: { id }, key: 'k8' },
  ];
  const { results } = await call.sync.push({ commands });
  expect(results.map(({ key, error }) => [key, error?.code])).toEqual([
    ['k1', undefined],
    ['k2', 'VALIDATION_FAILED'],
    ['k3', 'VERSION_CONFLICT'],
    ['k4', 'PROCEDURE_NOT_FOUND'],
    ['k5', 'PROCEDURE_NOT_FOUND'],
    ['k6', 'PROCEDURE_NOT_FOUND'],
    ['k7', 'PROCEDURE_NOT_FOUND'],
    ['k8', undefined],
  ]);
  expect(results[2]?.error?.current).toMatchObject({ title: 'Milk', version: 1 });
  const task = await call.tasks.get({ id });
  expect(results[7]?.answer).toEqual(task);

  const again = await call.sync.push({ commands: commands.filter(({ key }) => /1|8/.test(key)) });
  expect(again.results.map(({ answer }) => answer)).toEqual([results[0]?.answer, task]);
  expect(await call.tasks.get({ id })).toEqual(task);
});

test('nothing is tried behind a command that may only have to wait', async () => {
  const { call, context } = await newUser();
  const admitted = context.admit.bind(context);
  let calls = 0;
  context.admit = async (weight) => {
    calls += 1;
    if (calls === 3) throw Object.assign(new Error('timeout exceeded when trying to connect'));
    return admitted(weight);
  };
  const commands = ['1', '2', '3'].map((title) => ({
    path: 'tasks.create',
    input: { title },
    key: title,
  }));
  const { results } = await call.sync.push({ commands });
  expect(results.map(({ error }) => error?.code)).toEqual([undefined, 'UNAVAILABLE']);
  expect((await call.sync.push({ commands })).results).toHaveLength(3);
  const { items } = await call.tasks.list();
  expect(items.map(({ title }) => title)).toEqual(['1', '2', '3']);
});

test('a personal token pushes what its scopes allow for each command', async () => {
  const { call, caller } = await newUser();
  caller.actor.scopes = ['sync:write', 'tasks:write'];
  const { results } = await call.sync.push({
    commands: [
      { path: 'tasks.create', input: { title: 'x' }, key: '1' },
      { path: 'lists.create', input: { name: 'x' }, key: '2' },
    ],
  });
  expect(results.map(({ error }) => error?.code)).toEqual([undefined, 'SCOPE_MISSING']);
});

test('an event that is asked for before anyone waits for it may fail, and ends nothing else', async () => {
  const { call, context } = await newUser();
  let isEnded = false;
  context.verifyAgain = async () => {
    isEnded = true;
    throw new CatalogueError('SESSION_ENDED');
  };
  const stream = await call.sync.changes();
  const events = stream[Symbol.asyncIterator]();
  await events.next();
  const event = events.next();
  await expect.poll(() => isEnded).toBe(true);
  // A rejection that nobody hears is told after this; the run would fail by it.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  await expect(event).rejects.toMatchObject({ cause: { code: 'SESSION_ENDED' } });
});

/** Who follows their changes by several streams, and how often those have looked into the log. */
const newFollower = async (streams: number, wakeUps = createWakeUps()) => {
  const user = await newUser();
  user.context.wakeUps = wakeUps;
  const { db } = user.caller;
  let looks = 0;
  const log = db.log.bind(db);
  Object.assign(db, {
    async log(...place: Parameters<typeof log>) {
      const found = await log(...place);
      looks += 1;
      return found;
    },
  });
  const follow = async () => {
    const events = (await user.call.sync.changes())[Symbol.asyncIterator]();
    // Where it begins.
    await events.next();
    return async () => {
      const { value } = await events.next();
      // Its type is what a client has of it.
      const [, page] = value as unknown as TrackedEnvelope<SyncPage>;
      return page.tasks.map(({ title }) => title);
    };
  };
  const next = await Promise.all(Array.from({ length: streams }, follow));
  return { ...user, next, looks: () => looks };
};

test('a write costs one look into the log for all streams of its user, and none for others', async () => {
  const wakeUps = createWakeUps();
  const [ann, bob] = [await newFollower(20, wakeUps), await newFollower(1, wakeUps)];
  const ask = async ({ next }: typeof ann) => Promise.all(next.map((one) => one()));
  let seen = ask(ann);
  const elsewhere = ask(bob);
  // Each looks by itself before it waits for the first time.
  await expect.poll(() => [ann.looks(), bob.looks()]).toEqual([40, 2]);
  for (const [n, title] of ['one', 'two', 'three'].entries()) {
    await ann.call.tasks.create({ title });
    expect(await seen).toEqual(Array.from({ length: 20 }, () => [title]));
    expect(ann.looks()).toBe(41 + n);
    seen = ask(ann);
  }
  expect(bob.looks()).toBe(2);
  await bob.call.tasks.create({ title: 'of another' });
  expect(await elsewhere).toEqual([['of another']]);
  expect(ann.looks()).toBe(43);
});

test('who is woken again while others look gets what was written last', async () => {
  const { call, next } = await newFollower(5);
  const titles = Array.from({ length: 30 }, (_, n) => `${n}`);
  const followed = next.map(async (ask) => {
    const got: string[] = [];
    while (!got.includes('29')) got.push(...(await ask()));
    return got;
  });
  for (const title of titles) await call.tasks.create({ title });
  for (const got of await Promise.all(followed)) expect(got).toEqual(titles);
});
