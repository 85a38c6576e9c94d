'use client';
import { type ReactNode, useEffect, useRef } from 'react';

const looks = {
  sheet:
    'bg-surface border-line mx-auto mt-[12vh] w-[min(34rem,calc(100vw-2rem))] rounded-xl border p-0 shadow-2xl',
  drawer: 'bg-canvas m-0 h-dvh max-h-none w-72',
};

/** A modal dialog, open for as long as it is there: focus stays in it, Escape closes it. */
export function Sheet(props: {
  look?: keyof typeof looks;
  label: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const { look = 'sheet', label, onClose, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onClose={onClose}
      onClick={({ target, currentTarget }) => target === currentTarget && currentTarget.close()}
      className={`text-ink backdrop:bg-black/40 ${looks[look]}`}
    >
      {children}
    </dialog>
  );
}
