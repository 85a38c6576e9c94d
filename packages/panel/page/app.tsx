import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Json } from '../src/tagged.ts';
import { BatchView } from './batch-view.tsx';
import { pathHash, readHash } from './copy-as.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { router } from './host.ts';
import { ProcedureView } from './procedure-view.tsx';
import { startOf } from './schema.ts';
import { Sidebar } from './sidebar.tsx';
import { SignIn } from './sign-in.tsx';
import { type Call, keep, useKept } from './storage.ts';
import { useKey } from './use-key.ts';

const procedures = new Map(router.procedures.map((procedure) => [procedure.path, procedure]));

const themes = ['system', 'light', 'dark'] as const;
const theme = keep<(typeof themes)[number]>(() => localStorage, 'theme', 'system');

function Keys(): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useKey('?', () => dialog.current?.showModal());
  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()}>
        Keys <kbd>?</kbd>
      </button>
      <dialog ref={dialog} aria-label="Keys">
        <dl>
          {[
            ['/', 'Search; Enter opens the first'],
            ['↑ ↓', 'Move along the procedures'],
            ['Ctrl ⏎', 'Call or subscribe'],
            ['Esc', 'Stop what is running'],
            ['?', 'These keys'],
          ].map(([key, does]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <form method="dialog">
          <button type="submit">Close</button>
        </form>
      </dialog>
    </>
  );
}

function Theme(): ReactNode {
  const current = useKept(theme);
  useEffect(() => {
    document.documentElement.style.colorScheme = current === 'system' ? '' : current;
  }, [current]);
  return (
    <label>
      <span className="sr-only">Theme</span>
      <select
        value={current}
        onChange={({ target }) => theme.set(themes.find((one) => one === target.value) ?? 'system')}
      >
        {themes.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  );
}

function Welcome(): ReactNode {
  const count = (kind: string): number =>
    router.procedures.filter((procedure) => procedure.kind === kind).length;
  return (
    <article>
      <h1 tabIndex={-1}>{router.title}</h1>
      <p>
        {count('query')} queries, {count('mutation')} mutations and {count('subscription')}{' '}
        subscriptions, called as whoever you are. Choose one, or press <kbd>/</kbd> to search.
      </p>
    </article>
  );
}

const batchPath = '!batch';

function Broken({ problem }: { problem: string }): ReactNode {
  return (
    <article>
      <h1 tabIndex={-1}>This cannot be shown</h1>
      <p>The panel failed: {problem}. What was written elsewhere is still there.</p>
    </article>
  );
}

const startingInput = (path: string): Json | undefined => {
  const schema = procedures.get(path)?.input;
  return schema && startOf(schema);
};

/** The panel. What it shows is in the address's hash: a procedure, and the input to start with. */
export function App(): ReactNode {
  const [drafts, setDrafts] = useState<Map<string, Json | undefined>>(new Map());
  const [batch, setBatch] = useState<Call[]>([]);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  // Counted, so that a call is opened anew also where its procedure is open.
  const [{ path, count }, setOpened] = useState({ path: '', count: 0 });

  const draft = (of: string, value: Json | undefined): void =>
    setDrafts((all) => new Map(all).set(of, value));
  const show = (shown: string, call: Call | undefined): void => {
    if (call) draft(shown, call.input);
    setOpened((before) => ({ path: shown, count: before.count + 1 }));
    setMenuOpen(false);
  };
  useLayoutEffect(() => {
    const follow = (): void => {
      const { path: linked, call } = readHash(location.hash);
      show(linked, call);
    };
    follow();
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  /** Opens a call without writing its input into the address, which the browser would remember. */
  const open = (call: Call): void => {
    history.pushState(null, '', pathHash(call.path));
    show(call.path, call);
  };
  const change = (value: Json | undefined): void => {
    // What a link brought is its user's own from here on.
    if (location.hash !== pathHash(path)) history.replaceState(null, '', pathHash(path));
    draft(path, value);
  };

  const procedure = procedures.get(path);
  const value = drafts.has(path) ? drafts.get(path) : startingInput(path);
  useEffect(() => {
    document.title = path ? `${path} · ${router.title}` : router.title;
    main.current?.querySelector<HTMLElement>('h1')?.focus();
  }, [path, count]);

  return (
    <>
      <header className="top">
        <button
          type="button"
          className="menu"
          aria-expanded={isMenuOpen}
          onClick={() => setMenuOpen(!isMenuOpen)}
        >
          Procedures
        </button>
        <a href="#" className="title">
          {router.title}
        </a>
        <SignIn />
        <a href={pathHash(batchPath)} aria-current={path === batchPath ? 'page' : undefined}>
          Batch {batch.length > 0 && <span className="badge">{batch.length}</span>}
        </a>
        <Keys />
        <Theme />
      </header>
      <Sidebar current={path} isOpen={isMenuOpen} onOpen={open} />
      <main ref={main}>
        {path === batchPath ? (
          <BatchView calls={batch} procedures={procedures} onChange={setBatch} onOpen={open} />
        ) : procedure ? (
          <ErrorBoundary key={count} fallback={(problem) => <Broken problem={problem} />}>
            <ProcedureView
              procedure={procedure}
              value={value}
              onChange={change}
              onBatch={() => setBatch([...batch, { path, input: value }])}
            />
          </ErrorBoundary>
        ) : path === '' ? (
          <Welcome />
        ) : (
          <article>
            <h1 tabIndex={-1}>No such procedure</h1>
            <p>
              The router has no <code>{path}</code>.
            </p>
          </article>
        )}
      </main>
    </>
  );
}
