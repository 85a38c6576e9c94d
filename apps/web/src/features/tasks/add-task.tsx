import { limits } from '@typedo/contract';
import { Plus } from 'lucide-react';
import { type Ref, useState } from 'react';

/** One line, and Enter: the next one can be typed at once. */
export function AddTask(props: {
  ref: Ref<HTMLInputElement>;
  where: string;
  onAdd: (title: string) => void;
}) {
  const { ref, where, onAdd } = props;
  const [title, setTitle] = useState('');
  return (
    <form
      className="border-line bg-surface focus-within:border-accent mb-4 flex items-center gap-2 rounded-lg border px-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (title.trim() === '') return;
        onAdd(title.trim());
        setTitle('');
      }}
    >
      <Plus size={18} aria-hidden className="text-quiet" />
      <input
        ref={ref}
        aria-label={`Add a task to ${where}`}
        placeholder="Add a task"
        maxLength={limits.taskTitleLength}
        enterKeyHint="done"
        className="placeholder:text-quiet min-w-0 flex-1 bg-transparent py-2.5 outline-none"
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
    </form>
  );
}
