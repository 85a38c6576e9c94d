import {
  type ErrorCode,
  type PushInput,
  type PushOutput,
  type SyncCommand,
  type SyncResult,
} from '@typedo/contract';
import type { Context } from '../context.ts';
import { errorData, toCatalogueError } from '../error-shape.ts';

/** What may be over by the time that the command is sent again. */
const passing: ErrorCode[] = ['IN_FLIGHT', 'RATE_LIMITED', 'UNAVAILABLE', 'INTERNAL'];

async function run(
  { call, requestId }: Pick<Context, 'call' | 'requestId'>,
  { path, input, key }: SyncCommand,
): Promise<SyncResult> {
  try {
    return { key, answer: await call(path, input, key) };
  } catch (thrown) {
    const error = toCatalogueError(thrown);
    return { key, error: { message: error.message, ...errorData(error, { path, requestId }) } };
  }
}

/** Runs the commands one after another, each as the procedure that it names. */
export async function push(
  context: Pick<Context, 'call' | 'requestId'>,
  { commands }: PushInput,
): Promise<PushOutput> {
  const results: SyncResult[] = [];
  for (const command of commands) {
    const result = await run(context, command);
    results.push(result);
    if (result.error && passing.includes(result.error.code)) break;
  }
  return { results };
}
