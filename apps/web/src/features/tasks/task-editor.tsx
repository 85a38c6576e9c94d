import type { List, Priority, Task } from '@typedo/client';
import { limits } from '@typedo/contract';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { useTasks } from './use-tasks.ts';

const priorities: Record<Priority, string> = {
  none: 'None',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
};
const control = 'border-line bg-surface rounded-lg border px-2.5 py-1.5';

/** Everything of a task, saved as each field is left. */
export default function TaskEditor(props: { task: Task; lists: List[]; onClose: () => void }) {
  const { task, lists, onClose } = props;
  const actions = useTasks();
  const titleInput = useRef<HTMLInputElement>(null);
  useEffect(() => titleInput.current?.focus(), []);

  return (
    <form
      aria-label={`Edit ${task.title}`}
      className="bg-surface border-line mb-2 grid gap-3 rounded-lg border p-4 text-sm"
      onSubmit={(event) => {
        event.preventDefault();
        titleInput.current?.blur();
        onClose();
      }}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <Labelled text="Title">
        <input
          ref={titleInput}
          required
          maxLength={limits.taskTitleLength}
          className={`${control} w-full text-base`}
          {...useDraft(task.title, (text) => {
            const title = text.trim();
            if (title && title !== task.title) void actions.update(task, { title });
          })}
        />
      </Labelled>
      <Labelled text="Notes">
        <textarea
          rows={3}
          maxLength={limits.taskNotesLength}
          className={`${control} w-full`}
          {...useDraft(task.notes, (notes) => {
            if (notes !== task.notes) void actions.update(task, { notes });
          })}
        />
      </Labelled>
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-3">
        <Labelled text="Due">
          <input
            type="date"
            className={control}
            value={task.due?.kind === 'date' ? task.due.date : ''}
            onChange={({ target: { value: date } }) =>
              void actions.update(task, { due: date ? { kind: 'date', date } : null })
            }
          />
        </Labelled>
        <Labelled text="Priority">
          <select
            className={control}
            value={task.priority}
            onChange={({ target: { value } }) =>
              void actions.update(task, { priority: value as Priority })
            }
          >
            {Object.entries(priorities).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </Labelled>
        <Labelled text="List">
          <select
            className={control}
            value={task.listId ?? ''}
            onChange={({ target: { value } }) =>
              void actions.move(task, { listId: value || null }, '~')
            }
          >
            <option value="">Inbox</option>
            {lists
              .filter(({ id, archived }) => !archived || id === task.listId)
              .map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
          </select>
        </Labelled>
      </div>
      <div className="flex justify-between">
        <Button look="danger" onClick={() => void actions.remove(task)}>
          Move to the trash
        </Button>
        <Button look="primary" type="submit">
          Done
        </Button>
      </div>
    </form>
  );
}

/** For a field that shows what is saved, which others may change, until something is typed into it. */
function useDraft(saved: string, save: (text: string) => void) {
  const [draft, setDraft] = useState<string>();
  return {
    value: draft ?? saved,
    onChange: ({ target }: { target: { value: string } }) => setDraft(target.value),
    onBlur: () => {
      setDraft(undefined);
      if (draft !== undefined) save(draft);
    },
  };
}

function Labelled({ text, children }: { text: string; children: ReactNode }) {
  return (
    <label className="grid gap-1">
      <span className="text-quiet text-xs font-medium">{text}</span>
      {children}
    </label>
  );
}
