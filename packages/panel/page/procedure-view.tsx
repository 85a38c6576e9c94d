import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { ProcedureDescription } from '../src/description.ts';
import { type Json, TaggedError } from '../src/tagged.ts';
import { makeCall, type Reply } from './calls.ts';
import { asCommand, asCurl, asTypeScript, callHash } from './copy-as.ts';
import { CopyButton } from './copy-button.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { InputForm } from './input-form.tsx';
import type { Issue } from './issues.ts';
import { JsonEditor } from './json-editor.tsx';
import { ResultView } from './result.tsx';
import { isOpen } from './schema.ts';
import { remember, saved } from './storage.ts';
import { StreamView, useStream } from './stream-view.tsx';
import { useKey } from './use-key.ts';
import { validate } from './validate.ts';

const noIssues: Issue[] = [];

/** Takes the focus to the field that an issue is about. */
const showField = ({ path }: Issue): void => {
  const candidates = path.map((_, index) => path.slice(0, path.length - index));
  const found = candidates
    .map((parts) =>
      document.querySelector<HTMLElement>(`[id="${CSS.escape(['input', ...parts].join('_'))}"]`),
    )
    .find((element) => element !== null);
  found?.scrollIntoView({ block: 'center' });
  found?.focus();
};

/** A procedure: what it is, the input to call it with, and what it answers. */
export function ProcedureView({
  procedure,
  value,
  onChange,
  onBatch,
}: {
  procedure: ProcedureDescription;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  onBatch: () => void;
}): ReactNode {
  const { path, kind, summary, access, errors = [], input } = procedure;
  const [editor, setEditor] = useState<'form' | 'json'>('form');
  const [reply, setReply] = useState<{ reply: Reply; of: Json | undefined } | undefined>();
  const [running, setRunning] = useState<AbortController | undefined>();
  const result = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const stream = useStream(path, value);
  useEffect(() => () => running?.abort(), [running]);

  const mismatches = useMemo(
    () => (input === undefined ? noIssues : validate(input, value)),
    [input, value],
  );
  // What the service said of this very input counts; of an input that it has not seen, the schema.
  const outcome = reply && reply.of === value ? reply.reply.outcome : undefined;
  const said = outcome && 'error' in outcome ? outcome.error.issues : noIssues;
  const isJudged = outcome !== undefined && ('data' in outcome || said.length > 0);
  const issues = isJudged ? said : reply || stream.state ? mismatches : noIssues;

  const call = async (): Promise<void> => {
    if (kind === 'subscription') return stream.start();
    const controller = new AbortController();
    setRunning(controller);
    const made = await makeCall({ procedure, input: value }, controller.signal);
    setRunning(undefined);
    setReply({ reply: made, of: value });
    // Rendered by then: the issues, which stand at the top, or the result at the bottom.
    setTimeout(() => {
      const isRefused = 'error' in made.outcome && made.outcome.error.issues.length > 0;
      (isRefused ? heading : result).current?.scrollIntoView({ block: 'nearest' });
    });
    remember({
      path,
      input: value,
      at: new Date().toISOString(),
      ms: Math.round(made.exchange?.ms ?? 0),
      outcome: 'data' in made.outcome ? 'ok' : (made.outcome.error.code ?? 'no answer'),
    });
    return undefined;
  };
  const isRunning = running !== undefined || stream.isRunning;
  const stop = (): void => {
    running?.abort();
    if (stream.isRunning) stream.stop();
  };
  const callButton = useRef<HTMLButtonElement>(null);
  const callByKey = (): void => {
    const { activeElement: at } = document;
    // The new name of a record's entry is taken over when its field is left.
    if (at instanceof HTMLElement && at.matches('.entry > input')) flushSync(() => at.blur());
    callButton.current?.click();
  };
  useKey('Enter', callByKey, { isWithControl: true, isOn: !isRunning });
  useKey('Escape', stop, { isOn: isRunning });

  const save = (): void => {
    const name = prompt('Save this call as', path);
    if (name) saved.set([{ name, path, input: value }, ...saved.get()]);
  };
  const copy =
    (write: (procedure: ProcedureDescription, value: Json | undefined) => string) => () => {
      try {
        return write(procedure, value);
      } catch (error) {
        if (error instanceof TaggedError)
          throw new Error('The input is not valid', { cause: error });
        throw error;
      }
    };

  return (
    <article aria-labelledby="procedure">
      <header>
        <h1 id="procedure" tabIndex={-1}>
          {path}
        </h1>
        <p className="badges">
          <span className={`badge ${kind}`}>{kind}</span>
          {access !== undefined && <span className="badge">{access}</span>}
        </p>
        {summary !== undefined && <p>{summary}</p>}
        {errors.length > 0 && (
          <details className="quiet">
            <summary>Errors it knows: {errors.length}</summary>
            <p>
              {errors.map((code) => (
                <code key={code}>{code} </code>
              ))}
            </p>
          </details>
        )}
      </header>

      <section aria-label="Input">
        {input === undefined ? (
          <p className="quiet">It takes no input.</p>
        ) : (
          <>
            <div className="bar">
              <h2 ref={heading}>Input</h2>
              <span className="tabs">
                <button
                  type="button"
                  aria-pressed={editor === 'form'}
                  onClick={() => setEditor('form')}
                >
                  Form
                </button>
                <button
                  type="button"
                  aria-pressed={editor === 'json'}
                  onClick={() => setEditor('json')}
                >
                  JSON
                </button>
              </span>
            </div>
            {isOpen(input) && (
              <p className="quiet">The router does not tell its schema: any JSON can be sent.</p>
            )}
            {issues.length > 0 && (
              <ul className="issues" aria-label="What is wrong">
                {issues.map((issue, index) => (
                  <li key={String(index)}>
                    <button type="button" className="link" onClick={() => showField(issue)}>
                      {issue.path.join('.') || 'input'}
                    </button>{' '}
                    {issue.message}
                  </li>
                ))}
              </ul>
            )}
            {editor === 'form' && !isOpen(input) ? (
              <ErrorBoundary
                fallback={(problem) => (
                  <>
                    <p className="failure">There is no form for this input: {problem}</p>
                    <JsonEditor value={value} onChange={onChange} />
                  </>
                )}
              >
                <InputForm schema={input} value={value} issues={issues} onChange={onChange} />
              </ErrorBoundary>
            ) : (
              <JsonEditor value={value} onChange={onChange} />
            )}
          </>
        )}
      </section>

      <div className="bar actions">
        {isRunning ? (
          <button type="button" className="primary" onClick={stop}>
            Stop <kbd>Esc</kbd>
          </button>
        ) : (
          <button ref={callButton} type="button" className="primary" onClick={() => void call()}>
            {kind === 'subscription' ? 'Subscribe' : 'Call'} <kbd>Ctrl ⏎</kbd>
          </button>
        )}
        {kind === 'subscription' && !isRunning && stream.lastEventId !== undefined && (
          <button type="button" onClick={() => stream.start(stream.lastEventId)}>
            Resume after {stream.lastEventId}
          </button>
        )}
        {kind !== 'subscription' && (
          <button type="button" onClick={onBatch}>
            Add to batch
          </button>
        )}
        <button type="button" onClick={save}>
          Save
        </button>
        <CopyButton label="Copy curl" text={copy(asCurl)} />
        <CopyButton label="Copy TypeScript" text={copy(asTypeScript)} />
        {procedure.cli !== undefined && <CopyButton label="Copy CLI" text={copy(asCommand)} />}
        <CopyButton
          label="Copy link"
          text={() => new URL(callHash(path, value), location.href).href}
        />
      </div>

      <section ref={result} aria-label="Result">
        {running && <p role="status">Calling …</p>}
        {!running && reply && <ResultView reply={reply.reply} />}
        <StreamView stream={stream} />
      </section>
    </article>
  );
}
