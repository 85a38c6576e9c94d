import { useEffect, useRef } from 'react';

/** Keys and what they do; `mod` is ⌘ on a Mac and Ctrl elsewhere. */
export type Shortcuts = Record<string, (event: KeyboardEvent) => void>;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');

const nameOf = (event: KeyboardEvent): string =>
  [
    (event.metaKey || event.ctrlKey) && 'mod',
    event.altKey && 'alt',
    event.key.length === 1 ? event.key.toLowerCase() : event.key,
  ]
    .filter(Boolean)
    .join('+');

/** Listens for keys on the whole page, but for those that are text being typed. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const current = useRef(shortcuts);
  useEffect(() => {
    current.current = shortcuts;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const isOpen = document.querySelector('dialog[open]') !== null;
      const name = nameOf(event);
      if (isOpen || (isTyping(event.target) && !name.startsWith('mod'))) return;
      const action = current.current[name];
      if (!action) return;
      event.preventDefault();
      action(event);
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
}
