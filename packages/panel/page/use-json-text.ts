import { useState } from 'react';
import { type Json, parseJson, problemOf, tagOf } from '../src/tagged.ts';

const write = (value: Json | undefined): string => {
  if (value === undefined) return '';
  const typed = tagOf(value) === '$json' && (value as { $json: Json }).$json;
  return typeof typed === 'string' ? typed : JSON.stringify(value, null, 2);
};

const read = (text: string): Json | undefined => {
  if (text.trim() === '') return undefined;
  try {
    return parseJson(text);
  } catch {
    return { $json: text };
  }
};

/** A value as text to edit. What is typed stands as it is until the value changes otherwise. */
export function useJsonText(
  value: Json | undefined,
  onChange: (value: Json | undefined) => void,
): { text: string; problem: string | undefined; change: (typed: string) => void } {
  const [typed, setTyped] = useState<{ text: string; of: string } | undefined>();
  const shown = write(value);
  return {
    text: typed?.of === shown ? typed.text : shown,
    problem: tagOf(value) === '$json' ? problemOf(shown) : undefined,
    change(text) {
      const next = read(text);
      setTyped({ text, of: write(next) });
      onChange(next);
    },
  };
}
