'use client';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { tellTimeZone } from '../tasks/days.ts';
import { browserClient } from './client.ts';
import { ToastProvider } from './toasts.tsx';

/** What is fresh enough not to be asked for again while the user looks around. */
const freshMs = 30_000;

/** The browser's cache, which the server has filled for the first page. */
export function Providers({ children }: { children: ReactNode }) {
  const [queryClient] = useState(
    () => new QueryClient({ defaultOptions: { queries: { staleTime: freshMs, retry: false } } }),
  );
  useEffect(() => {
    // Whoever moves or types is about to change something, or to go somewhere.
    const signs = ['pointermove', 'pointerdown', 'keydown'] as const;
    const prepare = () => {
      for (const sign of signs) removeEventListener(sign, prepare);
      tellTimeZone();
      // When it cannot be had now, the first change will ask again, and tell.
      browserClient().catch(() => {});
    };
    for (const sign of signs) addEventListener(sign, prepare, { passive: true });
    return () => {
      for (const sign of signs) removeEventListener(sign, prepare);
    };
  }, []);
  return (
    <QueryClientProvider client={queryClient}>
      <ToastProvider>{children}</ToastProvider>
    </QueryClientProvider>
  );
}
