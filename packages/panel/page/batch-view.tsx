import { type ReactNode, useState } from 'react';
import type { ProcedureDescription } from '../src/description.ts';
import { type Exchange, makeBatch, type Outcome } from './calls.ts';
import { exchangeLine, OutcomeView } from './result.tsx';
import type { Call } from './storage.ts';
import { useKey } from './use-key.ts';

/** Calls that travel together. */
export function BatchView({
  calls,
  procedures,
  onChange,
  onOpen,
}: {
  calls: Call[];
  procedures: Map<string, ProcedureDescription>;
  onChange: (calls: Call[]) => void;
  onOpen: (call: Call) => void;
}): ReactNode {
  const [answers, setAnswers] = useState<
    { outcomes: Outcome[]; exchanges: Exchange[] } | undefined
  >();
  const [running, setRunning] = useState<AbortController | undefined>();
  const run = async (): Promise<void> => {
    const controller = new AbortController();
    setRunning(controller);
    const requests = calls.flatMap(({ path, input }) => {
      const procedure = procedures.get(path);
      return procedure ? [{ procedure, input }] : [];
    });
    setAnswers(await makeBatch(requests, controller.signal));
    setRunning(undefined);
  };
  const change = (next: Call[]): void => {
    setAnswers(undefined);
    onChange(next);
  };
  const canRun = calls.length > 0 && running === undefined;
  useKey('Enter', () => void run(), { isWithControl: true, isOn: canRun });
  useKey('Escape', () => running?.abort(), { isOn: running !== undefined });
  return (
    <article aria-labelledby="batch">
      <header>
        <h1 id="batch" tabIndex={-1}>
          Batch
        </h1>
        <p>Calls that travel together: the queries in one request, the mutations in another.</p>
      </header>
      {calls.length === 0 && (
        <p className="quiet">It is empty. “Add to batch” of a procedure puts a call here.</p>
      )}
      <ol className="batch">
        {calls.map((call, index) => (
          <li key={String(index)}>
            <div className="bar">
              <button type="button" className="link" onClick={() => onOpen(call)}>
                {call.path}
              </button>
              <button
                type="button"
                className="small"
                aria-label={`Take ${call.path} out`}
                disabled={running !== undefined}
                onClick={() => change(calls.filter((_, other) => other !== index))}
              >
                Remove
              </button>
            </div>
            {call.input !== undefined && <pre>{JSON.stringify(call.input)}</pre>}
            {answers?.outcomes[index] && <OutcomeView outcome={answers.outcomes[index]} />}
          </li>
        ))}
      </ol>
      {calls.length > 0 && (
        <div className="bar actions">
          {running ? (
            <button type="button" className="primary" onClick={() => running.abort()}>
              Stop <kbd>Esc</kbd>
            </button>
          ) : (
            <button type="button" className="primary" onClick={() => void run()}>
              Call all <kbd>Ctrl ⏎</kbd>
            </button>
          )}
          <button type="button" disabled={running !== undefined} onClick={() => change([])}>
            Empty it
          </button>
        </div>
      )}
      <p role="status">
        {answers?.exchanges.map((exchange) => exchangeLine(exchange)).join(' · ')}
      </p>
    </article>
  );
}
