'use client';
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';

/** A word on what has happened, and a way to take it back. */
export interface Toast {
  text: string;
  undo?: () => unknown;
  /** What that is called, if not Undo. */
  undoName?: string;
  /** Something went wrong: it is read out at once. */
  isAlert?: boolean;
}

const shownMs = 10_000;
const ToastContext = createContext<(toast: Toast) => void>(() => {});
export const useToast = () => useContext(ToastContext);

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<(Toast & { key: number })[]>([]);
  const dismiss = useCallback(
    (key: number) => setToasts((all) => all.filter((toast) => toast.key !== key)),
    [],
  );
  const add = useCallback(
    (toast: Toast) => {
      const key = performance.now();
      setToasts((all) => [...all.slice(-2), { ...toast, key }]);
      setTimeout(() => dismiss(key), shownMs);
    },
    [dismiss],
  );
  return (
    <ToastContext value={add}>
      {children}
      <div
        role="status"
        className="pointer-events-none fixed inset-x-0 bottom-4 z-50 grid grid-cols-1 justify-items-center gap-2 px-4"
      >
        {toasts.map(({ key, text, undo, undoName, isAlert }) => (
          <div
            key={key}
            role={isAlert ? 'alert' : undefined}
            className="bg-ink text-canvas pointer-events-auto flex max-w-full items-center gap-3 rounded-lg px-4 py-2 text-sm shadow-lg"
          >
            <span className={isAlert ? '' : 'min-w-0 truncate'}>{text}</span>
            {undo && (
              <button
                type="button"
                className="rounded px-2 py-1 font-semibold underline underline-offset-2"
                onClick={() => {
                  dismiss(key);
                  undo();
                }}
              >
                {undoName ?? 'Undo'}
              </button>
            )}
          </div>
        ))}
      </div>
    </ToastContext>
  );
}
