import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react';
import type { ProcedureDescription } from '../src/description.ts';
import { pathHash } from './copy-as.ts';
import { router } from './host.ts';
import { type Call, history, saved, useKept } from './storage.ts';
import { useKey } from './use-key.ts';

/** The procedures that a search means, the best first: by path before by what is said of them. */
export function search(words: string): ProcedureDescription[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return router.procedures;
  const rank = ({ path, summary = '', kind, access = '' }: ProcedureDescription): number => {
    const name = path.toLowerCase();
    const about = `${name} ${summary} ${kind} ${access}`.toLowerCase();
    if (!wanted.every((word) => about.includes(word))) return -1;
    if (!wanted.every((word) => name.includes(word))) return 1;
    return wanted.some((word) => name.split('.').some((part) => part.startsWith(word))) ? 3 : 2;
  };
  return router.procedures
    .map((procedure) => ({ procedure, rank: rank(procedure) }))
    .filter((one) => one.rank >= 0)
    .toSorted((a, b) => b.rank - a.rank)
    .map(({ procedure }) => procedure);
}

const letters = { query: 'Q', mutation: 'M', subscription: 'S' };

function Entry({ procedure, isCurrent }: { procedure: ProcedureDescription; isCurrent: boolean }) {
  const { path, kind } = procedure;
  return (
    <li>
      <a href={pathHash(path)} aria-current={isCurrent ? 'page' : undefined}>
        <span className={`kind ${kind}`} title={kind}>
          {letters[kind]}
        </span>
        {path}
      </a>
    </li>
  );
}

/** The procedures by the first part of their paths. */
function Tree({ current }: { current: string }): ReactNode {
  const groups = useMemo(
    () =>
      Object.entries(
        Object.groupBy(router.procedures, ({ path }) =>
          path.includes('.') ? (path.split('.', 1)[0] ?? '') : '',
        ),
      ),
    [],
  );
  return groups.map(([name, procedures = []]) => (
    <details key={name} open>
      <summary>{name || 'root'}</summary>
      <ul>
        {procedures.map((procedure) => (
          <Entry key={procedure.path} {...{ procedure }} isCurrent={procedure.path === current} />
        ))}
      </ul>
    </details>
  ));
}

type OnOpen = (call: Call) => void;

/** Opens a call; its address is its procedure's alone, because the browser remembers addresses. */
function CallLink({
  call,
  onOpen,
  children,
  title,
}: {
  call: Call;
  onOpen: OnOpen;
  children: ReactNode;
  title?: string;
}): ReactNode {
  return (
    <a
      href={pathHash(call.path)}
      title={title}
      onClick={(event) => {
        event.preventDefault();
        onOpen(call);
      }}
    >
      {children}
    </a>
  );
}

function SavedCalls({ onOpen }: { onOpen: OnOpen }): ReactNode {
  const calls = useKept(saved);
  if (calls.length === 0) return null;
  return (
    <details open>
      <summary>Saved</summary>
      <ul>
        {calls.map((call, index) => (
          <li key={String(index)} className="line">
            <CallLink {...{ call, onOpen }}>{call.name}</CallLink>
            <button
              type="button"
              className="small"
              aria-label={`Forget ${call.name}`}
              onClick={() => saved.set(calls.filter((other) => other !== call))}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

function PastCalls({ onOpen }: { onOpen: OnOpen }): ReactNode {
  const calls = useKept(history);
  if (calls.length === 0) return null;
  return (
    <details>
      <summary>History</summary>
      <ul>
        {calls.map((call) => (
          <li key={call.at}>
            <CallLink {...{ call, onOpen }} title={call.at}>
              {call.path}{' '}
              <span className={call.outcome === 'ok' ? 'success' : 'failure'}>{call.outcome}</span>{' '}
              <span className="quiet">{call.ms} ms</span>
            </CallLink>
          </li>
        ))}
      </ul>
      <button type="button" className="small" onClick={() => history.set([])}>
        Clear history
      </button>
    </details>
  );
}

/** Takes the focus along the links of the sidebar. */
const moveFocus = (event: KeyboardEvent<HTMLElement>): void => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('input, a')].filter(
    (element) => element.checkVisibility(),
  );
  const at = stops.findIndex((element) => element === document.activeElement);
  if (at === -1) return;
  event.preventDefault();
  stops[Math.min(Math.max(at + step, 0), stops.length - 1)]?.focus();
};

/** Everything that can be called, and what has been. */
export function Sidebar({
  current,
  isOpen,
  onOpen,
}: {
  current: string;
  isOpen: boolean;
  onOpen: OnOpen;
}): ReactNode {
  const [words, setWords] = useState('');
  const found = useMemo(() => search(words), [words]);
  const input = useRef<HTMLInputElement>(null);
  useKey('/', () => {
    input.current?.focus();
    input.current?.select();
  });
  const openFirst = (): void => {
    const [first] = found;
    if (first && words.trim() !== '') location.hash = pathHash(first.path);
  };
  return (
    <nav aria-label="Procedures" onKeyDown={moveFocus} className={isOpen ? 'open' : ''}>
      <input
        ref={input}
        type="search"
        aria-label="Search procedures"
        placeholder="Search   /"
        value={words}
        onChange={({ target }) => setWords(target.value)}
        onKeyDown={({ key }) => key === 'Enter' && openFirst()}
      />
      <p className="sr-only" role="status">
        {words && `${found.length} found`}
      </p>
      {words.trim() === '' ? (
        <Tree current={current} />
      ) : found.length > 0 ? (
        <ul>
          {found.map((procedure) => (
            <Entry key={procedure.path} {...{ procedure }} isCurrent={procedure.path === current} />
          ))}
        </ul>
      ) : (
        <p className="quiet">Nothing is called “{words}”.</p>
      )}
      <SavedCalls onOpen={onOpen} />
      <PastCalls onOpen={onOpen} />
    </nav>
  );
}
