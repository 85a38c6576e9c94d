import type { List, Task } from '@typedo/client';
import { Check, Flag, RotateCcw } from 'lucide-react';
import dynamic from 'next/dynamic';
import { dayInWords } from './days.ts';
import { dragProps, useDrop } from './drag.ts';

import { useTasks } from './use-tasks.ts';

// Opened one at a time, and not at first.
const TaskEditor = dynamic(() => import('./task-editor.tsx'), { ssr: false });

const priorityColors = { high: 'text-high', medium: 'text-medium', low: 'text-low' };

export function TaskRow(props: {
  task: Task;
  today: string;
  /** Said where tasks of several lists stand together. */
  listName: string | undefined;
  lists: List[];
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  onDropTask: ((dropped: Task) => void) | undefined;
}) {
  const { task, today, listName, lists, isOpen, onOpenChange, onDropTask } = props;
  const actions = useTasks();
  const drop = useDrop(onDropTask);
  const isDone = task.completedAt !== null;
  const isTrashed = task.deletedAt !== null;
  const day = task.due?.kind === 'date' ? task.due.date : undefined;
  const isOverdue = day !== undefined && day < today && !isDone;

  return (
    <li
      className="border-line data-[over]:border-t-accent group border-t border-b first:border-t-transparent [&+&]:border-t-transparent"
      {...drop}
      {...(!isTrashed && !isOpen && dragProps(task))}
    >
      <div className="hover:bg-raised focus-within:bg-raised flex items-start gap-3 rounded-lg px-2 py-2">
        {isTrashed ? (
          <button
            type="button"
            aria-label={`Restore ${task.title}`}
            className="text-quiet hover:text-ink mt-0.5 rounded p-0.5"
            onClick={() => void actions.restore(task)}
          >
            <RotateCcw size={18} aria-hidden />
          </button>
        ) : (
          <button
            type="button"
            role="checkbox"
            aria-checked={isDone}
            aria-label={`Complete ${task.title}`}
            className="border-quiet aria-checked:bg-accent aria-checked:border-accent text-on-accent mt-0.5 grid size-5 shrink-0 place-items-center rounded-full border-2"
            onClick={() => void (isDone ? actions.reopen(task) : actions.complete(task))}
          >
            {isDone && <Check size={13} strokeWidth={3} aria-hidden />}
          </button>
        )}
        <button
          type="button"
          data-task
          aria-expanded={isOpen}
          className="min-w-0 flex-1 rounded text-left"
          disabled={isTrashed}
          onClick={() => onOpenChange(!isOpen)}
        >
          <span className={`block break-words ${isDone ? 'text-quiet line-through' : ''}`}>
            {task.title}
          </span>
          <span className="text-quiet flex flex-wrap gap-x-3 text-xs">
            {day && (
              <span className={isOverdue ? 'text-danger font-medium' : undefined}>
                {isOverdue && <span className="sr-only">Overdue: </span>}
                {dayInWords(day, today)}
              </span>
            )}
            {listName && <span>{listName}</span>}
            {task.notes && <span className="max-w-64 truncate">{task.notes}</span>}
          </span>
        </button>
        {task.priority !== 'none' && (
          <span className={`mt-1 ${priorityColors[task.priority]}`}>
            <Flag size={16} fill="currentColor" aria-hidden />
            <span className="sr-only">{task.priority} priority</span>
          </span>
        )}
      </div>
      {isOpen && <TaskEditor task={task} lists={lists} onClose={() => onOpenChange(false)} />}
    </li>
  );
}
