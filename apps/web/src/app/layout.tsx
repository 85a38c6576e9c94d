import type { Metadata, Viewport } from 'next';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { isTraced } from '../env.ts';
import { themeCookie, toTheme } from '../features/account/theme.ts';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Typedo', template: '%s · Typedo' },
  description: 'Your tasks, quick to the hand and yours alone.',
};
export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = toTheme((await cookies()).get(themeCookie)?.value);
  return (
    <html lang="en" data-theme={theme} data-traced={isTraced ? '' : undefined}>
      <body>{children}</body>
    </html>
  );
}
