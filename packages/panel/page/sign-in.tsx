import type { ReactNode } from 'react';
import { type Credentials, credentials, unsendable } from './credentials.ts';
import { host, router } from './host.ts';
import { useKept } from './storage.ts';

const ways: (readonly [by: Credentials['by'], label: string])[] = [
  ...(host.headers ? [['host', `As ${router.title} signs in`] as const] : []),
  ['cookies', 'Session of this browser (cookies)'],
  ['bearer', 'Bearer token'],
  ['nothing', 'Nobody'],
];

/** How calls say who makes them. */
export function SignIn(): ReactNode {
  const current = useKept(credentials);
  const bad = unsendable(current.headers);
  const change = (changed: Partial<Credentials>): void =>
    credentials.set({ ...current, ...changed });
  return (
    <>
      <button type="button" popoverTarget="sign-in">
        Headers <span className="quiet">{ways.find(([by]) => by === current.by)?.[1]}</span>
      </button>
      <div id="sign-in" popover="auto" aria-label="Headers" role="dialog">
        <fieldset>
          <legend>Calls are made by</legend>
          {ways.map(([by, label]) => (
            <label key={by}>
              <input
                type="radio"
                name="by"
                checked={current.by === by}
                onChange={() => change({ by })}
              />{' '}
              {label}
            </label>
          ))}
        </fieldset>
        {current.by === 'bearer' && (
          <label>
            Token
            <input
              type="password"
              autoComplete="off"
              value={current.token}
              onChange={({ target }) => change({ token: target.value })}
            />
          </label>
        )}
        <label>
          More headers, one a line
          <textarea
            className="code"
            rows={2}
            spellCheck={false}
            placeholder="x-tenant: one"
            value={current.headers}
            onChange={({ target }) => change({ headers: target.value })}
          />
        </label>
        {bad.length > 0 && (
          <p className="failure">Cannot be sent, as it is no header: {bad.join('; ')}</p>
        )}
        <label>
          <input
            type="checkbox"
            checked={current.isKept}
            onChange={({ target }) => change({ isKept: target.checked })}
          />{' '}
          Keep them in this browser
        </label>
        <p className="quiet">Otherwise they are forgotten with this page.</p>
      </div>
    </>
  );
}
