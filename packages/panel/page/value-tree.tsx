import { type ReactNode, useState } from 'react';
import { toTagged } from '../src/tagged.ts';

/** Of a long list, how many are shown before asking for more. */
const pageSize = 100;

const scalar = (value: unknown): { text: string; kind: string } => {
  if (value === null) return { text: 'null', kind: 'null' };
  if (value === undefined) return { text: 'undefined', kind: 'null' };
  if (value instanceof Date) {
    const isValid = !Number.isNaN(value.getTime());
    return { text: isValid ? value.toISOString() : 'Invalid Date', kind: 'date' };
  }
  if (typeof value === 'string') return { text: JSON.stringify(value), kind: 'string' };
  if (typeof value === 'bigint') return { text: `${value}n`, kind: 'number' };
  // A number, a boolean, or something with a word for itself, such as a RegExp or a URL.
  return { text: `${value as number}`, kind: typeof value };
};

/** What is inside a value, and what the whole is called; undefined when nothing can be inside. */
const partsOf = (value: unknown): { name: string; parts: [unknown, unknown][] } | undefined => {
  if (value instanceof Map) return { name: `Map(${value.size})`, parts: [...value] };
  if (value instanceof Set) {
    return { name: `Set(${value.size})`, parts: [...value].map((one, index) => [index, one]) };
  }
  if (Array.isArray(value)) {
    return { name: `list of ${value.length}`, parts: value.map((one, index) => [index, one]) };
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return undefined;
  const parts = Object.entries(value);
  const isPlain = parts.length > 0 || Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? { name: `{ ${Object.keys(value).slice(0, 4).join(', ')} }`, parts } : undefined;
};

const nameOf = (name: unknown): string => {
  if (typeof name === 'string') return name;
  return partsOf(name) ? JSON.stringify(toTagged(name)) : scalar(name).text;
};

/** A value as a tree that opens by click or key; dates, maps and big integers as what they are. */
export function ValueTree({
  value,
  name,
  depth = 0,
}: {
  value: unknown;
  name?: unknown;
  depth?: number;
}): ReactNode {
  const [isOpen, setOpen] = useState(depth < 3);
  const [shown, setShown] = useState(pageSize);
  const label = name !== undefined && <span className="key">{nameOf(name)}: </span>;
  const inside = partsOf(value);
  if (!inside) {
    const { text, kind } = scalar(value);
    return (
      <span className="leaf">
        {label}
        <span className={kind}>{text}</span>
        {value instanceof Date && <span className="quiet"> Date</span>}
      </span>
    );
  }
  if (inside.parts.length === 0) {
    return (
      <span className="leaf">
        {label}
        <span className="quiet">{Array.isArray(value) ? 'empty list' : inside.name}</span>
      </span>
    );
  }
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        {label}
        <span className="quiet">{inside.name}</span>
      </summary>
      {isOpen && (
        <ul>
          {inside.parts.slice(0, shown).map(([key, one], index) => (
            <li key={String(index)}>
              <ValueTree value={one} name={key} depth={depth + 1} />
            </li>
          ))}
          {inside.parts.length > shown && (
            <li>
              <button
                type="button"
                className="small"
                onClick={() => setShown(shown + pageSize * 10)}
              >
                {inside.parts.length - shown} more
              </button>
            </li>
          )}
        </ul>
      )}
    </details>
  );
}
