import type { ReactNode } from 'react';
import type { Json } from '../src/tagged.ts';
import { useJsonText } from './use-json-text.ts';

/** The input as JSON. What does not read as JSON stays, and is told as an issue of the input. */
export function JsonEditor({
  value,
  onChange,
}: {
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
}): ReactNode {
  const { text, problem, change } = useJsonText(value, onChange);
  return (
    <div>
      <textarea
        className="code"
        id="input"
        aria-label="Input as JSON"
        aria-invalid={problem !== undefined}
        rows={Math.min(24, Math.max(6, text.split('\n').length + 1))}
        spellCheck={false}
        value={text}
        onChange={({ target }) => change(target.value)}
      />
      {problem !== undefined && <p className="failure">{problem}</p>}
      <p className="quiet">
        What JSON lacks is written <code>{'{"$date": "2026-12-24T18:00:00Z"}'}</code>,{' '}
        <code>$bigint</code>, <code>$map</code>, <code>$set</code>, <code>$number</code> or{' '}
        <code>$undefined</code>.
      </p>
    </div>
  );
}
