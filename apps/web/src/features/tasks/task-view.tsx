'use client';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { Task } from '@typedo/client';
import { type ReactNode, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { browserClient } from '../shell/client.ts';
import { useShortcuts } from '../shell/use-shortcuts.ts';
import { AddTask } from './add-task.tsx';
import { listsQuery, tasksQuery } from './queries.ts';
import { TaskRow } from './task-row.tsx';
import { useTasks } from './use-tasks.ts';
import { inOrder, type View } from './views.ts';

const priorityKeys = { 1: 'high', 2: 'medium', 3: 'low', 4: 'none' } as const;

/** Tasks as one view has them, to be worked on by hand and by keys. */
export function TaskView(props: {
  view: View;
  today: string;
  /** In place of the view's title alone. */
  heading?: ReactNode;
}) {
  const { view, today, heading } = props;
  const tasks = useInfiniteQuery(tasksQuery(browserClient, view.input));
  const lists = useQuery(listsQuery(browserClient));
  const actions = useTasks();
  const [openId, setOpenId] = useState<string>();
  const newTitle = useRef<HTMLInputElement>(null);
  const rows = useRef<HTMLDivElement>(null);

  // What was added, or changed elsewhere, may come again with a page that is loaded later.
  const loaded = tasks.data?.pages.flatMap((page) => page.items) ?? [];
  const items = inOrder(view.input, [...new Map(loaded.map((task) => [task.id, task])).values()]);
  const rowButtons = () => [...(rows.current?.querySelectorAll<HTMLElement>('[data-task]') ?? [])];
  const focusedIndex = () =>
    rowButtons().findIndex((row) => row.parentElement?.contains(document.activeElement));
  const step = (by: number) => {
    const buttons = rowButtons();
    const index = focusedIndex();
    buttons[index === -1 ? 0 : Math.max(0, Math.min(buttons.length - 1, index + by))]?.focus();
  };
  const onFocused = (work: (task: Task, index: number) => void) => () => {
    const index = focusedIndex();
    const task = items[index];
    if (task) work(task, index);
  };
  const moveTo = (task: Task, index: number) => {
    const others = items.filter(({ id }) => id !== task.id);
    const after = others[index - 1];
    const order = after ? `${after.order}V` : '';
    void actions.move(task, { afterId: after?.id ?? null }, order);
  };
  const prioritize = (priority: Task['priority']) =>
    onFocused((task) => void actions.update(task, { priority }));
  const remove = onFocused((task) => {
    step(1);
    void actions.remove(task);
  });
  const isChangeable = !view.input.trashed;
  const list = lists.data?.find(({ id }) => id === view.input.listId);
  const isGone = view.input.listId != null && lists.isSuccess && !list;
  const canAdd = view.newTask && !list?.archived && !isGone;

  useShortcuts({
    ArrowDown: () => step(1),
    j: () => step(1),
    ArrowUp: () => step(-1),
    k: () => step(-1),
    ...(canAdd && { q: () => newTitle.current?.focus() }),
    ...(isChangeable && {
      x: onFocused(
        (task) => void (task.completedAt ? actions.reopen(task) : actions.complete(task)),
      ),
      t: onFocused((task) => void actions.update(task, { due: { kind: 'date', date: today } })),
      Delete: remove,
      Backspace: remove,
      ...Object.fromEntries(
        Object.entries(priorityKeys).map(([key, priority]) => [key, prioritize(priority)]),
      ),
    }),
    ...(view.isOrdered && {
      'alt+ArrowUp': onFocused((task, index) => index > 0 && moveTo(task, index - 1)),
      'alt+ArrowDown': onFocused(
        (task, index) => index < items.length - 1 && moveTo(task, index + 1),
      ),
    }),
  });

  const nameOf = (listId: string | null): string | undefined =>
    listId === null ? 'Inbox' : lists.data?.find(({ id }) => id === listId)?.name;

  return (
    <>
      {heading ?? <h1 className="mb-6 px-2 text-2xl font-semibold">{view.title}</h1>}
      {canAdd && (
        <AddTask
          ref={newTitle}
          where={list?.name ?? view.title}
          onAdd={(title) =>
            void actions.add({ ...newTaskInput(view), title }, `${items.at(-1)?.order ?? ''}V`)
          }
        />
      )}
      {tasks.isError && (
        <div role="alert" className="bg-raised grid justify-items-start gap-3 rounded-lg p-4">
          <p>The tasks could not be loaded. The service may be away for a moment.</p>
          <Button onClick={() => void Promise.all([tasks.refetch(), lists.refetch()])}>
            Try again
          </Button>
        </div>
      )}
      {tasks.isPending && <p className="text-quiet px-2 py-8">Loading…</p>}
      {tasks.isSuccess && items.length === 0 && !isGone && (
        <p className="text-quiet px-2 py-8">{view.empty}</p>
      )}
      <div ref={rows}>
        {groupsOf(view, items, today).map(({ name, tasks: group }) => (
          <section key={name} aria-label={name}>
            {name !== view.title && (
              <h2 className="mt-6 mb-1 px-2 text-sm font-semibold">{name}</h2>
            )}
            <ul>
              {group.map((task) => (
                <TaskRow
                  key={task.id}
                  task={task}
                  today={today}
                  listName={view.isMixed ? nameOf(task.listId) : undefined}
                  lists={lists.data ?? []}
                  isOpen={openId === task.id}
                  onOpenChange={(isOpen) => setOpenId(isOpen ? task.id : undefined)}
                  onDropTask={
                    view.isOrdered ? (dropped) => moveTo(dropped, items.indexOf(task)) : undefined
                  }
                />
              ))}
            </ul>
          </section>
        ))}
      </div>
      {tasks.hasNextPage && (
        <Button
          className="mt-4"
          disabled={tasks.isFetchingNextPage}
          onClick={() => void tasks.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </>
  );
}

/** Tasks under the headings that they show below, in the order of the view. */
const groupsOf = (view: View, tasks: Task[], today: string): { name: string; tasks: Task[] }[] => {
  if (!view.hasOverdue) return [{ name: view.title, tasks }];
  const isOverdue = ({ due }: Task) => due?.kind === 'date' && due.date < today;
  return [
    { name: 'Overdue', tasks: tasks.filter(isOverdue) },
    { name: 'Due today', tasks: tasks.filter((task) => !isOverdue(task)) },
  ].filter((group) => group.tasks.length > 0);
};

const newTaskInput = ({ newTask }: View) => ({
  ...(newTask?.listId && { listId: newTask.listId }),
  ...(newTask?.due?.kind === 'date' && { due: newTask.due }),
});
