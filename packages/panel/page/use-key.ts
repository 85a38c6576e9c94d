import { useEffectEvent, useLayoutEffect } from 'react';

/** Does something on a key, wherever the focus is; one without Ctrl not while text is typed. */
export function useKey(
  key: string,
  onKey: () => void,
  { isWithControl = false, isOn = true }: { isWithControl?: boolean; isOn?: boolean } = {},
): void {
  const act = useEffectEvent((event: KeyboardEvent) => {
    const isTyping =
      event.target instanceof Element && event.target.matches('input, textarea, select');
    const hasControl = event.ctrlKey || event.metaKey;
    const isHeldBack = event.repeat || document.querySelector('dialog[open]') !== null;
    if (!isOn || isHeldBack || event.key !== key || hasControl !== isWithControl) return;
    if (isTyping && !hasControl && key.length === 1) return;
    event.preventDefault();
    onKey();
  });
  // Before the page is painted: who sees it can use its keys.
  useLayoutEffect(() => {
    document.addEventListener('keydown', act);
    return () => document.removeEventListener('keydown', act);
  }, []);
}
