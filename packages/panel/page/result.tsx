import { type ReactNode, useState } from 'react';
import { toTagged } from '../src/tagged.ts';
import type { CallError, Exchange, Outcome, Reply } from './calls.ts';
import { CopyButton } from './copy-button.tsx';
import { ValueTree } from './value-tree.tsx';

const size = (bytes: number): string =>
  bytes < 1000 ? `${bytes} bytes` : `${(bytes / 1000).toFixed(1)} kB`;

/** An error by its code, and what the router said with it. */
export function ErrorView({ error }: { error: CallError }): ReactNode {
  const { code, message, issues, data } = error;
  return (
    <div className="failure">
      <p>
        {code !== undefined && <strong className="code">{code}</strong>} {message}
      </p>
      {issues.length > 0 && (
        <ul>
          {issues.map((issue, index) => (
            <li key={String(index)}>
              {issue.path.length > 0 && <code>{issue.path.join('.')}</code>} {issue.message}
            </li>
          ))}
        </ul>
      )}
      {data !== undefined && data !== null && <ValueTree value={data} name="data" depth={2} />}
    </div>
  );
}

export function OutcomeView({ outcome }: { outcome: Outcome }): ReactNode {
  return 'data' in outcome ? (
    <ValueTree value={outcome.data} />
  ) : (
    <ErrorView error={outcome.error} />
  );
}

/** How a request went, in a line. */
export const exchangeLine = ({ status, ms, bytes }: Exchange): string =>
  `${status} in ${Math.round(ms)} ms, ${size(bytes)}`;

type Shape = 'tree' | 'raw' | 'headers';

const bodyOf = ({ body }: Exchange): string => {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
};

/** The answer to a call: as a tree, or as it travelled. */
export function ResultView({ reply: { outcome, exchange } }: { reply: Reply }): ReactNode {
  const [shape, setShape] = useState<Shape>('tree');
  const shapes: Shape[] = exchange ? ['tree', 'raw', 'headers'] : ['tree'];
  const shown = shapes.includes(shape) ? shape : 'tree';
  return (
    <>
      <div className="bar">
        <p className={'data' in outcome ? 'success' : 'failure'} role="status">
          {'data' in outcome ? 'OK' : (outcome.error.code ?? 'No answer')}
          {exchange && <span className="quiet"> {exchangeLine(exchange)}</span>}
        </p>
        <span className="tabs">
          {shapes.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === shown}
              onClick={() => setShape(one)}
            >
              {{ tree: 'Tree', raw: 'Raw', headers: 'Headers' }[one]}
            </button>
          ))}
          <CopyButton
            label="Copy"
            text={() =>
              shown === 'tree' && 'data' in outcome
                ? JSON.stringify(toTagged(outcome.data), null, 2)
                : (exchange?.body ?? '')
            }
          />
        </span>
      </div>
      {shown === 'tree' && <OutcomeView outcome={outcome} />}
      {shown === 'raw' && exchange && <pre tabIndex={0}>{bodyOf(exchange)}</pre>}
      {shown === 'headers' && exchange && (
        <dl>
          {exchange.headers.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}
