'use client';
import { Menu } from 'lucide-react';
import dynamic from 'next/dynamic';
import { type ReactNode, useEffect, useState } from 'react';
import { Sheet } from '../../components/sheet.tsx';
import { Sidebar } from './sidebar.tsx';
import { useLive } from './use-live.ts';
import { useShortcuts } from './use-shortcuts.ts';

// Opened by few and seldom: not part of the first load.
const CommandPalette = dynamic(() => import('./command-palette.tsx'), { ssr: false });
const ShortcutsHelp = dynamic(() => import('./shortcuts-help.tsx'), { ssr: false });

/** What is round every page: the places beside it, or behind a button where there is no room. */
export function Shell({ children }: { children: ReactNode }) {
  const [sheet, setSheet] = useState<'places' | 'palette' | 'help'>();
  const close = () => setSheet(undefined);
  const isOnline = useOnline();
  useLive();
  useShortcuts({
    'mod+k': () => setSheet('palette'),
    '?': () => setSheet('help'),
  });

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
            onClick={() => setSheet('places')}
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
      {sheet === 'places' && (
        <Sheet look="drawer" label="Places" onClose={close}>
          <Sidebar onNavigate={close} />
        </Sheet>
      )}
      {sheet === 'palette' && <CommandPalette onClose={close} />}
      {sheet === 'help' && <ShortcutsHelp onClose={close} />}
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
