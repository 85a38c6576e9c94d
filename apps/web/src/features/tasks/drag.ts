'use client';
import type { Task } from '@typedo/client';
import { type DragEvent, useState } from 'react';
import { useTasks } from './use-tasks.ts';

/** The task that is being dragged: the browser tells its data only once it is dropped. */
let dragged: Task | undefined;

const afterAll = '~';

/** For a row that can be dragged. */
export const dragProps = (task: Task) => ({
  draggable: true,
  onDragStart: (event: DragEvent) => {
    dragged = task;
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', task.title);
  },
  onDragEnd: () => {
    dragged = undefined;
  },
});

/** For what a dragged task can be dropped on; `data-over` while one is above it. */
export function useDrop(drop: ((task: Task) => void) | undefined) {
  const [isOver, setIsOver] = useState(false);
  if (!drop) return {};
  return {
    'data-over': isOver || undefined,
    onDragOver: (event: DragEvent) => {
      if (!dragged) return;
      event.preventDefault();
      setIsOver(true);
    },
    onDragLeave: () => setIsOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setIsOver(false);
      if (dragged) drop(dragged);
    },
  };
}

/** For a list in the sidebar: what is dropped there moves to its end. */
export function useDropOnList(listId: string | null | undefined) {
  const { move } = useTasks();
  return useDrop(
    listId === undefined
      ? undefined
      : (task) => {
          if (task.listId !== listId) void move(task, { listId }, afterAll);
        },
  );
}
