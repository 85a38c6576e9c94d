import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useId, useState } from 'react';
import { Sheet } from '../../components/sheet.tsx';
import { browserClient } from './client.ts';
import { listsQuery } from '../tasks/queries.ts';
import { useTasks } from '../tasks/use-tasks.ts';

interface Command {
  name: string;
  run: () => void;
}

/** Every place by its name, and a task to add by whatever else is typed. */
export default function CommandPalette({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const actions = useTasks();
  const { data } = useQuery(listsQuery(browserClient));
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();

  const places: [name: string, href: string][] = [
    ['Today', '/today'],
    ['Inbox', '/inbox'],
    ...(data ?? []).map(({ name, id: listId }): [string, string] => [name, `/lists/${listId}`]),
    ['Completed', '/completed'],
    ['Trash', '/trash'],
    ['History', '/history'],
    ['Settings', '/settings'],
  ];
  const wanted = text.trim().toLowerCase();
  const commands: Command[] = [
    ...places
      .filter(([name]) => name.toLowerCase().includes(wanted))
      .map(([name, href]) => ({ name: `Go to ${name}`, run: () => router.push(href) })),
    ...(wanted
      ? [
          {
            name: `Add “${text.trim()}” to the Inbox`,
            run: () => void actions.add({ title: text.trim() }, '~'),
          },
        ]
      : []),
  ];
  const chosen = Math.min(at, commands.length - 1);

  const run = (command: Command | undefined) => {
    onClose();
    command?.run();
  };

  return (
    <Sheet label="Commands" onClose={onClose}>
      <input
        role="combobox"
        aria-label="Go to a place, or add a task"
        aria-expanded
        aria-controls={id}
        aria-activedescendant={`${id}-${chosen}`}
        placeholder="Go to a place, or add a task"
        autoFocus
        className="border-line w-full border-b bg-transparent px-4 py-3 outline-none"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, commands.length - 1));
          else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
          else if (event.key === 'Enter') run(commands[chosen]);
          else return;
          event.preventDefault();
        }}
      />
      <ul id={id} role="listbox" aria-label="Commands" className="max-h-80 overflow-y-auto p-2">
        {commands.map((command, index) => (
          <li
            key={command.name}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === chosen}
            className="aria-selected:bg-raised cursor-pointer truncate rounded-lg px-3 py-2 text-sm"
            onMouseMove={() => setAt(index)}
            onClick={() => run(command)}
          >
            {command.name}
          </li>
        ))}
      </ul>
    </Sheet>
  );
}
