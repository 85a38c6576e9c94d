import { type InfiniteData, useQueryClient } from '@tanstack/react-query';
import type {
  CreateTaskInput,
  ListTasksInput,
  MoveTaskInput,
  Task,
  TaskPage,
  TypedoClient,
  UpdateTaskInput,
} from '@typedo/client';
import { useMemo } from 'react';
import { v7 as uuidv7 } from 'uuid';
import { browserClient, reasonOf } from '../shell/client.ts';
import { useToast } from '../shell/toasts.tsx';
import { tasksKey } from './queries.ts';
import { inOrder, isListed } from './views.ts';

type Pages = InfiniteData<TaskPage, string | null>;

/**
 * What can be done with tasks. Each change shows at once in every view that has been opened, and is
 * taken back, with the reason, when the service refuses it.
 */
export function useTasks() {
  const queryClient = useQueryClient();
  const toast = useToast();

  return useMemo(() => {
    /** Puts tasks where they belong in each view, in place of what had their ids. */
    const show = (tasks: Task[], gone: string[] = []) => {
      const ids = new Set([...gone, ...tasks.map(({ id }) => id)]);
      for (const query of queryClient.getQueryCache().findAll({ queryKey: tasksKey })) {
        const input = query.queryKey[tasksKey.length] as ListTasksInput;
        queryClient.setQueryData<Pages>(query.queryKey, (pages) => {
          const last = pages?.pages.at(-1);
          if (!pages || !last) return pages;
          const others = pages.pages.flatMap(({ items }) => items).filter(({ id }) => !ids.has(id));
          const items = inOrder(input, [
            ...others,
            ...tasks.filter((task) => isListed(input, task)),
          ]);
          // One page from now on; what comes after it is asked for as before.
          return {
            pages: [{ items, nextCursor: last.nextCursor }],
            pageParams: pages.pageParams.slice(0, 1),
          };
        });
      }
    };

    const attempt = async (
      before: Task | null,
      after: Task,
      save: (client: TypedoClient) => Promise<Task>,
    ) => {
      await queryClient.cancelQueries({ queryKey: tasksKey });
      show([after]);
      try {
        const saved = await save(await browserClient());
        show([saved]);
        return saved;
      } catch (error) {
        show(before ? [before] : [], before ? [] : [after.id]);
        toast({ text: `Not saved. ${await reasonOf(error)}`, isAlert: true });
        return undefined;
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
