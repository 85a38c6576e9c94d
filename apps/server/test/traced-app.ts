import { createDatabase } from '@typedo/db';
import { inject } from 'vitest';
import type { Collector } from '../../../scripts/testing/collector.ts';
import type { AppOptions } from '../src/app.ts';
import { createLog } from '../src/log.ts';
import { createTracing } from '../src/tracing.ts';
import { startTestApp } from './harness.ts';

/** The server, which sends its traces to a collector; `close` has it send the last. */
export async function startTracedApp(
  { url: endpoint }: Pick<Collector, 'url'>,
  { ratio = 1, ...options }: Partial<AppOptions> & { ratio?: number } = {},
) {
  const logs: string[] = [];
  const log = createLog('debug', { write: (line) => void logs.push(line) });
  const tracing = createTracing({ endpoint, ratio, log });
  const { url } = inject('database');
  const database = createDatabase({ url, onError: () => {}, trace: tracing.statement });
  const app = await startTestApp({ ...options, log, tracing, database });
  const close = async () => {
    await app.close();
    await tracing.close();
  };
  return { ...app, logs, close, [Symbol.asyncDispose]: close };
}
