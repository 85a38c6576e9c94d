import {
  type Account,
  createClient,
  type ErrorCode,
  isTypedoError,
  type List,
  type ListPage,
  type limits,
  type Task,
  type TaskPage,
  type TypedoClient,
} from '@typedo/client';
import type { Equal, Expect, HasAny, IsAny } from './types.ts';

const typedo = createClient({ url: 'http://127.0.0.1:1', auth: { jwt: () => 'a.b.c' } });

type Output<Procedure> = Procedure extends { query: (...args: never[]) => Promise<infer Result> }
  ? Result
  : Procedure extends { mutate: (...args: never[]) => Promise<infer Result> }
    ? Result
    : 'is no procedure';

type Noun = 'account' | 'lists' | 'tasks';
/** Every procedure's path, if its output holds an `any`. */
type PathsWithAny = {
  [N in Noun]: {
    [Verb in keyof TypedoClient[N] & string]: HasAny<Output<TypedoClient[N][Verb]>> extends false
      ? never
      : `${N}.${Verb}`;
  }[keyof TypedoClient[N] & string];
}[Noun];

/** The wire's shape, spelled out: renaming a field in the contract must fail here. */
interface ExpectedTask {
  id: string & { readonly noun?: 'task' };
  listId: (string & { readonly noun?: 'list' }) | null;
  title: string;
  notes: string;
  priority: 'none' | 'low' | 'medium' | 'high';
  due:
    | { kind: 'date'; date: string }
    | { kind: 'floating'; local: string }
    | { kind: 'zoned'; at: Date; timeZone: string }
    | null;
  order: string;
  completedAt: Date | null;
  deletedAt: Date | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}
type FieldsOf<T> = { [Key in keyof T]: T[Key] };

export type Expectations = [
  Expect<Equal<IsAny<TypedoClient>, false>>,
  Expect<Equal<PathsWithAny, never>>,
  Expect<Equal<HasAny<{ deep: { any: unknown[] } }>, false>>,
  // oxlint-disable-next-line typescript/no-explicit-any -- that the check itself finds one
  Expect<Equal<HasAny<{ deep: any[] }>, true>>,
  Expect<Equal<Output<TypedoClient['tasks']['list']>, TaskPage>>,
  Expect<Equal<Output<TypedoClient['tasks']['get']>, Task>>,
  Expect<Equal<Output<TypedoClient['tasks']['create']>, Task>>,
  Expect<Equal<Output<TypedoClient['lists']['list']>, ListPage>>,
  Expect<Equal<Output<TypedoClient['lists']['create']>, List>>,
  Expect<Equal<Output<TypedoClient['account']['me']>, Account>>,
  Expect<Equal<keyof Task, keyof ExpectedTask>>,
  Expect<Equal<Task['createdAt'], Date>>,
  Expect<Equal<Task['completedAt'], Date | null>>,
  Expect<Equal<List['updatedAt'], Date>>,
  Expect<Equal<Account['createdAt'], Date>>,
  Expect<Equal<(typeof limits)['batchSize'], 20>>,
];
export const sameTask = (task: FieldsOf<Task>): ExpectedTask => task;
export const sameTaskBack = (task: ExpectedTask): Task => task;

/** Calls every procedure: what a whole application costs the compiler. */
export async function callAll(): Promise<void> {
  const me = await typedo.account.me.query();
  const list = await typedo.lists.create.mutate({ name: me.name ?? 'Errands', color: 'teal' });
  const lists = await typedo.lists.list.query({ archived: false, limit: 10 });
  await typedo.lists.update.mutate({ id: list.id, name: 'Chores', afterId: null });
  await typedo.lists.archive.mutate({ id: lists.items[0]?.id ?? list.id, archived: false });

  const task = await typedo.tasks.create.mutate({
    title: 'Buy milk',
    listId: list.id,
    due: { kind: 'date', date: '2026-12-24' },
  });
  const { items } = await typedo.tasks.list.query({ listId: null, completed: false });
  for (const { createdAt, title } of items) createdAt.toISOString().concat(title.trim());
  await typedo.tasks.get.query({ id: task.id });
  await typedo.tasks.update.mutate({ id: task.id, due: null });
  await typedo.tasks.complete.mutate({ id: task.id });
  await typedo.tasks.reopen.mutate({ id: task.id });
  await typedo.tasks.move.mutate({ id: task.id, listId: null, afterId: null });
  await typedo.tasks.delete.mutate({ id: task.id });
  await typedo.tasks.restore.mutate({ id: task.id });
  const { trashedTasks } = await typedo.lists.delete.mutate({ id: list.id });
  trashedTasks.toFixed();
}

/** What is wrong must not compile. */
export async function misuse(task: Task): Promise<void> {
  // @ts-expect-error a task has a title, not a name
  void task.name;
  // @ts-expect-error there is no such verb
  await typedo.tasks.frobnicate.mutate({ id: task.id });
  // @ts-expect-error there is no such noun
  await typedo.projects.list.query({});
  // @ts-expect-error a title is text
  await typedo.tasks.create.mutate({ title: 1 });
  // @ts-expect-error a task needs a title
  await typedo.tasks.create.mutate({});
  // @ts-expect-error the input has no such field
  await typedo.tasks.create.mutate({ title: 'Buy milk', colour: 'red' });
  // @ts-expect-error a query is not called as a mutation
  await typedo.tasks.list.mutate({});
  // @ts-expect-error the id of a task is not that of a list
  await typedo.lists.delete.mutate({ id: task.id });
}

/** What was thrown narrows to the codes that were asked for. */
export function narrow(error: unknown): ErrorCode | undefined {
  if (isTypedoError(error, 'TASK_NOT_FOUND', 'TASK_IN_TRASH')) {
    const code: Expect<Equal<typeof error.data.code, 'TASK_NOT_FOUND' | 'TASK_IN_TRASH'>> = true;
    void code;
    return error.data.code;
  }
  // @ts-expect-error the catalogue has no such code
  isTypedoError(error, 'TASK_ON_FIRE');
  if (isTypedoError(error)) {
    const code: Expect<Equal<typeof error.data.code, ErrorCode>> = true;
    void code;
    return error.data.issues?.[0] ? error.data.code : undefined;
  }
  return undefined;
}
