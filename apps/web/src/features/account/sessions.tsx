'use client';

import { useRouter } from 'next/navigation';
import { useActionState, useRef } from 'react';
import { Button } from '../../components/button.tsx';
import { LocalTime } from '../../components/local-time.tsx';
import type { AccountSession } from '../../server/sessions.ts';
import { endSession, postAuth } from './auth-calls.ts';
import { toProblems } from './refusals.ts';

/** Where the user is signed in, and how to end that. */
export function Sessions({ sessions }: { sessions: AccountSession[] | undefined }) {
  const router = useRouter();
  const status = useRef<HTMLParagraphElement>(null);
  const [message, end, isPending] = useActionState(
    async (_: string, session: AccountSession | 'others') => {
      const refusal = await (session === 'others'
        ? postAuth('/revoke-other-sessions')
        : endSession(session.id));
      // The button that was pressed goes away with its session.
      status.current?.focus();
      if (refusal) return toProblems(refusal).form ?? '';
      router.refresh();
      return session === 'others'
        ? 'Signed out everywhere else.'
        : `${session.device} is signed out.`;
    },
    '',
  );
  const hasOthers = sessions === undefined || sessions.some(({ isCurrent }) => !isCurrent);

  return (
    <div>
      {sessions === undefined ? (
        <p className="text-quiet text-sm">
          You signed in more than a day ago. To see each device, sign out and in again.
        </p>
      ) : (
        <ul className="divide-line divide-y">
          {sessions.map((session) => (
            <li key={session.id} className="flex min-h-14 items-center gap-3 py-2">
              <div className="grid grow">
                <span>{session.device}</span>
                <span className="text-quiet text-sm">
                  Signed in <LocalTime iso={session.since} />
                </span>
              </div>
              {session.isCurrent ? (
                <span className="bg-raised rounded-full px-3 py-1 text-sm whitespace-nowrap">
                  This device
                </span>
              ) : (
                <form action={() => end(session)}>
                  <Button
                    type="submit"
                    look="danger"
                    aria-disabled={isPending}
                    aria-label={`Sign out ${session.device}`}
                  >
                    Sign out
                  </Button>
                </form>
              )}
            </li>
          ))}
        </ul>
      )}
      {hasOthers && (
        <form action={() => end('others')} className="mt-4">
          <Button type="submit" aria-disabled={isPending}>
            Sign out everywhere else
          </Button>
        </form>
      )}
      <p ref={status} role="status" tabIndex={-1} className="text-sm outline-none not-empty:mt-4">
        {message}
      </p>
    </div>
  );
}
