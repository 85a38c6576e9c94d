'use client';
import { type ReactNode, useEffect, useRef } from 'react';

/** A modal dialog, open for as long as it is there: focus stays in it, Escape closes it. */
export function Sheet(props: { label: string; onClose: () => void; children: ReactNode }) {
  const { label, onClose, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && onClose()}
      className="bg-surface text-ink border-line mx-auto mt-[12vh] w-[min(34rem,calc(100vw-2rem))] rounded-xl border p-0 shadow-2xl backdrop:bg-black/40"
    >
      {children}
    </dialog>
  );
}
