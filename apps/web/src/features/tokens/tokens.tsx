'use client';

import type { PersonalToken } from '@typedo/client';
import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { LocalTime } from '../../components/local-time.tsx';
import { browserClient, reasonOf } from '../shell/client.ts';
import { NewToken } from './new-token.tsx';

/** The user's personal tokens: what is known of each, how to revoke one, and how to make another. */
export function Tokens({ tokens }: { tokens: PersonalToken[] }) {
  const router = useRouter();
  const status = useRef<HTMLParagraphElement>(null);
  const [message, setMessage] = useState('');
  const revoke = async ({ id, name }: PersonalToken) => {
    const outcome = await browserClient()
      .then((client) => client.tokens.revoke.mutate({ id }))
      .then(() => `“${name}” is revoked.`, reasonOf);
    setMessage(outcome);
    // The button that was pressed goes away with its token.
    status.current?.focus();
    router.refresh();
  };

  return (
    <div className="grid gap-4">
      {tokens.length > 0 && (
        <ul className="divide-line divide-y">
          {tokens.map((token) => (
            <li key={token.id} className="flex min-h-14 items-center gap-3 py-2">
              <div className="grid grow gap-0.5">
                <span className="wrap-anywhere">{token.name}</span>
                <span className="text-quiet text-sm">
                  <code>{token.prefix}…</code> · {token.scopes.join(', ')}
                </span>
                <span className="text-quiet text-sm">
                  <Lifetime token={token} />
                </span>
              </div>
              <form action={() => revoke(token)}>
                <Button type="submit" look="danger" aria-label={`Revoke ${token.name}`}>
                  Revoke
                </Button>
              </form>
            </li>
          ))}
        </ul>
      )}
      <p ref={status} role="status" tabIndex={-1} className="text-sm outline-none empty:hidden">
        {message}
      </p>
      <NewToken onMade={() => router.refresh()} />
    </div>
  );
}

function Lifetime({ token: { lastUsedAt, expiresAt } }: { token: PersonalToken }) {
  return (
    <>
      {lastUsedAt ? (
        <>
          Last used <LocalTime iso={lastUsedAt.toISOString()} />
        </>
      ) : (
        'Never used'
      )}
      {' · '}
      {expiresAt ? (
        <>
          ends <LocalTime iso={expiresAt.toISOString()} />
        </>
      ) : (
        'never ends'
      )}
    </>
  );
}
