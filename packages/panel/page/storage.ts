import { useSyncExternalStore } from 'react';
import type { Json } from '../src/tagged.ts';
import { routerUrl } from './host.ts';

/** A procedure with the input to call it with. */
export interface Call {
  path: string;
  input: Json | undefined;
}

/** A call that was made. */
export interface PastCall extends Call {
  /** When, as RFC 3339 has it. */
  at: string;
  ms: number;
  /** `ok`, or the code it was refused with. */
  outcome: string;
}

/** A call that was kept, under a name. */
export interface SavedCall extends Call {
  name: string;
}

/** Something that the browser keeps under a name, and components follow. */
export interface Kept<Value> {
  get: () => Value;
  set: (value: Value) => void;
  follow: (listener: () => void) => () => void;
}

/**
 * Keeps a value in the browser. One that the browser refuses to keep, or that is damaged, lasts as
 * long as the page.
 */
export function keep<Value>(
  where: () => Storage | undefined,
  name: string,
  initial: Value,
): Kept<Value> {
  const key = `trpc-panel ${routerUrl} ${name}`;
  const listeners = new Set<() => void>();
  const read = (): Value => {
    try {
      const kept: unknown = JSON.parse(where()?.getItem(key) ?? '');
      const isOfKind =
        kept !== null &&
        typeof kept === typeof initial &&
        Array.isArray(kept) === Array.isArray(initial);
      return isOfKind ? (kept as Value) : initial;
    } catch {
      return initial;
    }
  };
  let current = read();
  // Another tab of the same browser keeps its own, too.
  addEventListener('storage', (event) => {
    if (event.key !== key) return;
    current = read();
    for (const listener of listeners) listener();
  });
  return {
    get: () => current,
    set(value) {
      current = value;
      try {
        if (value === initial) where()?.removeItem(key);
        else where()?.setItem(key, JSON.stringify(value));
      } catch {
        // Storage is full or forbidden.
      }
      for (const listener of listeners) listener();
    },
    follow(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export const useKept = <Value>(kept: Kept<Value>): Value =>
  useSyncExternalStore(kept.follow, kept.get);

const historyLength = 50;

/** What was called in this tab; it ends with the tab, because inputs are their user's own. */
export const history = keep<PastCall[]>(() => sessionStorage, 'history', []);

/** What its user asked to keep, in this browser. */
export const saved = keep<SavedCall[]>(() => localStorage, 'saved', []);

export const remember = (call: PastCall): void =>
  history.set([call, ...history.get()].slice(0, historyLength));
