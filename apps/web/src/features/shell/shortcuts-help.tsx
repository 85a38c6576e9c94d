import { Sheet } from '../../components/sheet.tsx';

const keys: [keys: string, what: string][] = [
  ['⌘K or Ctrl K', 'Go anywhere, do anything'],
  ['Q', 'Add a task'],
  ['↓ ↑ or J K', 'Next, previous task'],
  ['X', 'Complete, or open again'],
  ['Enter', 'Open the task'],
  ['Alt ↑ ↓', 'Move the task up, down'],
  ['1 2 3 4', 'Priority high, medium, low, none'],
  ['T', 'Due today'],
  ['Delete', 'Move to the trash'],
  ['?', 'This help'],
];

export default function ShortcutsHelp({ onClose }: { onClose: () => void }) {
  return (
    <Sheet label="Keyboard shortcuts" onClose={onClose}>
      <div className="p-6">
        <h2 className="mb-4 text-lg font-semibold">Keyboard shortcuts</h2>
        <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 text-sm">
          {keys.map(([key, what]) => (
            <div key={key} className="contents">
              <dt>
                <kbd className="bg-raised border-line rounded border px-1.5 py-0.5 font-sans">
                  {key}
                </kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Sheet>
  );
}
