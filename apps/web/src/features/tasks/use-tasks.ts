import { type InfiniteData, type QueryClient, useQueryClient } from '@tanstack/react-query';
import type {
  CreateTaskInput,
  List,
  ListTasksInput,
  MoveTaskInput,
  Task,
  TaskPage,
  TypedoClient,
  UpdateTaskInput,
} from '@typedo/client';
import { useMemo } from 'react';
import { v7 as uuidv7 } from 'uuid';
import { inTurn, reasonOf } from '../shell/client.ts';
import { useToast } from '../shell/toasts.tsx';
import { listsKey, tasksKey } from './queries.ts';
import { inOrder, isListed } from './views.ts';

export type Pages = InfiniteData<TaskPage, string | null>;

/** The latest change of each task that is on its way, by the task's id. */
export const onTheWay = new Map<string, Promise<Task>>();
/** What others made of these tasks meanwhile. */
export const meanwhile = new Map<string, Task>();
/** Whether tasks are to be asked for again, because one was taken back or an answer was dropped. */
let isStale = false;

/** Puts tasks where they belong in each view, in place of what had their ids. */
export function showTasks(queryClient: QueryClient, tasks: Task[], gone: string[] = []): void {
  const lists = queryClient.getQueryData<List[]>(listsKey) ?? [];
  const archivedIds = lists.filter(({ archived }) => archived).map(({ id }) => id);
  const ids = new Set([...gone, ...tasks.map(({ id }) => id)]);
  for (const query of queryClient.getQueryCache().findAll({ queryKey: tasksKey })) {
    const input = query.queryKey[tasksKey.length] as ListTasksInput;
    queryClient.setQueryData<Pages>(query.queryKey, (pages) => {
      const last = pages?.pages.at(-1);
      if (!pages || !last) return pages;
      const others = itemsOf(pages).filter(({ id }) => !ids.has(id));
      const items = inOrder(input, [
        ...others,
        ...tasks.filter((task) => isListed(input, task, archivedIds)),
      ]);
      // One page from now on; what comes after it is asked for as before.
      return {
        pages: [{ items, nextCursor: last.nextCursor }],
        pageParams: pages.pageParams.slice(0, 1),
      };
    });
  }
}

export const itemsOf = (pages: Pages | undefined): Task[] =>
  pages?.pages.flatMap(({ items }) => items) ?? [];

/** Asks for tasks again; sooner, the answer would lack what is still on its way. */
export function refreshTasks(queryClient: QueryClient, isNeeded = false): void {
  isStale ||= isNeeded;
  if (!isStale || onTheWay.size > 0) return;
  isStale = false;
  void queryClient.invalidateQueries({ queryKey: tasksKey });
}

/**
 * What can be done with tasks. Each change shows at once in every view that has been opened, and is
 * taken back, with the reason, when the service refuses it.
 */
export function useTasks() {
  const queryClient = useQueryClient();
  const toast = useToast();

  return useMemo(() => {
    const attempt = async (
      before: Task | null,
      after: Task,
      save: (client: TypedoClient) => Promise<Task>,
    ) => {
      const saving = inTurn(save);
      onTheWay.set(after.id, saving);
      // What is being asked for would lack this change.
      isStale ||= queryClient.isFetching({ queryKey: tasksKey }) > 0;
      await queryClient.cancelQueries({ queryKey: tasksKey });
      showTasks(queryClient, [after]);
      const settle = (task: Task) => {
        const other = meanwhile.get(task.id);
        showTasks(queryClient, [other && other.version > task.version ? other : task]);
      };
      try {
        const saved = await saving;
        // What was done to it since shows already, and is saved next.
        if (onTheWay.get(after.id) === saving) settle(saved);
        return saved;
      } catch (error) {
        if (before) settle(before);
        else showTasks(queryClient, [], [after.id]);
        isStale = true;
        toast({ text: `Not saved. ${await reasonOf(error)}`, isAlert: true });
        return undefined;
      } finally {
        if (onTheWay.get(after.id) === saving) {
          onTheWay.delete(after.id);
          meanwhile.delete(after.id);
        }
        refreshTasks(queryClient);
      }
    };

    const actions = {
      add(input: CreateTaskInput & { title: string }, order: string) {
        const now = new Date();
        const task: Task = {
          notes: '',
          listId: null,
          priority: 'none',
          due: null,
          ...defined(input),
          id: uuidv7(),
          order,
          completedAt: null,
          deletedAt: null,
          version: 0,
          createdAt: now,
          updatedAt: now,
        };
        return attempt(null, task, (client) =>
          client.tasks.create.mutate({ ...input, id: task.id }),
        );
      },
      update(task: Task, changes: Omit<UpdateTaskInput, 'id'>) {
        return attempt(task, { ...task, ...defined(changes) }, (client) =>
          client.tasks.update.mutate({ ...changes, id: task.id }),
        );
      },
      async complete(task: Task) {
        const { id } = task;
        const done = await attempt(task, { ...task, completedAt: new Date() }, (client) =>
          client.tasks.complete.mutate({ id }),
        );
        if (done) toast({ text: `Completed “${task.title}”.`, undo: () => actions.reopen(done) });
      },
      reopen: (task: Task) =>
        attempt(task, { ...task, completedAt: null }, (client) =>
          client.tasks.reopen.mutate({ id: task.id }),
        ),
      async remove(task: Task) {
        const { id } = task;
        const gone = await attempt(task, { ...task, deletedAt: new Date() }, (client) =>
          client.tasks.delete.mutate({ id }),
        );
        if (gone)
          toast({ text: `“${task.title}” is in the trash.`, undo: () => actions.restore(gone) });
      },
      restore: (task: Task) =>
        attempt(task, { ...task, deletedAt: null }, (client) =>
          client.tasks.restore.mutate({ id: task.id }),
        ),
      /** `order` is where it shows until the service has said. */
      move: (task: Task, to: Omit<MoveTaskInput, 'id'>, order: string) =>
        attempt(
          task,
          { ...task, order, listId: to.listId === undefined ? task.listId : to.listId },
          (client) => client.tasks.move.mutate({ ...to, id: task.id }),
        ),
    };
    return actions;
  }, [queryClient, toast]);
}

type Defined<Fields> = { [Key in keyof Fields]: Exclude<Fields[Key], undefined> };
const defined = <Fields extends object>(fields: Fields): Defined<Fields> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Defined<Fields>;
