'use client';
import { Menu } from 'lucide-react';
import dynamic from 'next/dynamic';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { timeZoneCookie } from '../tasks/days.ts';
import { Sidebar } from './sidebar.tsx';
import { useShortcuts } from './use-shortcuts.ts';

// Opened by few and seldom: not part of the first load.
const CommandPalette = dynamic(() => import('./command-palette.tsx'), { ssr: false });
const ShortcutsHelp = dynamic(() => import('./shortcuts-help.tsx'), { ssr: false });

/** What is round every page: the places beside it, or behind a button where there is no room. */
export function Shell({ children }: { children: ReactNode }) {
  const drawer = useRef<HTMLDialogElement>(null);
  const [sheet, setSheet] = useState<'palette' | 'help'>();
  const isOnline = useOnline();
  useShortcuts({
    'mod+k': () => setSheet('palette'),
    '?': () => setSheet('help'),
  });
  useEffect(() => {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    document.cookie = `${timeZoneCookie}=${timeZone}; path=/; max-age=31536000; samesite=lax`;
  }, []);

  return (
    <div className="grid min-h-dvh md:grid-cols-[16rem_1fr]">
      <aside className="border-line hidden border-r md:block">
        <div className="sticky top-0 h-dvh">
          <Sidebar />
        </div>
      </aside>
      <div className="min-w-0">
        <header className="border-line bg-canvas sticky top-0 z-10 flex items-center gap-2 border-b px-2 py-1 md:hidden">
          <button
            type="button"
            aria-label="Places"
            className="hover:bg-raised rounded-lg p-2"
            onClick={() => drawer.current?.showModal()}
          >
            <Menu size={20} aria-hidden />
          </button>
          <span className="font-semibold">Typedo</span>
        </header>
        {!isOnline && (
          <p role="status" className="bg-raised px-4 py-2 text-center text-sm">
            You are offline. You can look around; changes cannot be saved until you are back.
          </p>
        )}
        <main className="mx-auto max-w-3xl px-3 py-6 sm:px-6 sm:py-10">{children}</main>
      </div>
      <dialog
        ref={drawer}
        aria-label="Places"
        className="bg-canvas text-ink m-0 h-dvh max-h-none w-72 backdrop:bg-black/40"
        onClick={(event) => event.target === event.currentTarget && drawer.current?.close()}
      >
        <Sidebar onNavigate={() => drawer.current?.close()} />
      </dialog>
      {sheet === 'palette' && <CommandPalette onClose={() => setSheet(undefined)} />}
      {sheet === 'help' && <ShortcutsHelp onClose={() => setSheet(undefined)} />}
    </div>
  );
}

function useOnline(): boolean {
  const [isOnline, setIsOnline] = useState(true);
  useEffect(() => {
    const update = () => setIsOnline(navigator.onLine);
    update();
    addEventListener('online', update);
    addEventListener('offline', update);
    return () => {
      removeEventListener('online', update);
      removeEventListener('offline', update);
    };
  }, []);
  return isOnline;
}
