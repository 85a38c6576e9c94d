import { redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { typedo } from '../../server/typedo.ts';

/** Also false when the service cannot tell: the form will say so when it is used. */
const isSignedIn = async (): Promise<boolean> => {
  const client = await typedo();
  return client.account.me.query().then(
    () => true,
    () => false,
  );
};

export default async function AuthLayout({ children }: { children: ReactNode }) {
  if (await isSignedIn()) redirect('/inbox');
  return (
    // From the top rather than centred: a page painted before its last part arrived would jump.
    <main className="grid min-h-dvh content-start justify-items-center px-4 pt-[max(2.5rem,12dvh)] pb-10">
      <div className="grid w-full max-w-sm gap-8">
        <header className="grid justify-items-center gap-3 text-center">
          <p className="flex items-center gap-2.5 text-2xl font-semibold tracking-tight">
            <svg viewBox="0 0 32 32" className="size-8" aria-hidden="true">
              <rect width="32" height="32" rx="9" className="fill-accent" />
              <path
                d="m9.5 16.5 4.5 4.5 8.5-9.5"
                fill="none"
                strokeWidth="3"
                strokeLinecap="round"
                strokeLinejoin="round"
                className="stroke-on-accent"
              />
            </svg>
            Typedo
          </p>
          <p className="text-quiet text-balance">
            A to-do list that is quick to the hand and yours alone.
          </p>
        </header>
        {children}
      </div>
    </main>
  );
}
