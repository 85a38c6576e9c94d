import { manifest } from '@typedo/api';
import type { ErrorCode, PushOutput, SyncResult } from '@typedo/contract';
import superjson, { type SuperJSONResult } from 'superjson';
import type { User } from '../../../scripts/testing/users.ts';
import { send, trpcRequest } from '../../server/test/requests.ts';

/** A call as a client makes it: `key` is its idempotency key. */
export interface Asked {
  path: string;
  input?: unknown;
  key?: string;
}

/** What the service answered, or how it refused. */
export interface Reply {
  text: string;
  answer?: unknown;
  error?: { code: ErrorCode; message: string };
}

interface Envelope {
  result?: { data: SuperJSONResult };
  error?: SuperJSONResult;
}

/** Makes a call, once. @throws when no whole answer came */
export async function ask(url: string, user: User, { path, input, key }: Asked): Promise<Reply> {
  const procedure = manifest.procedures.find((one) => one.path === path);
  if (!procedure) throw new Error(`There is no ${path}.`);
  const headers = { ...user.headers, ...(key !== undefined && { 'idempotency-key': key }) };
  const response = await send(url, user.jwt, trpcRequest({ procedure, input }), headers);
  const text = await response.text();
  const { result, error } = JSON.parse(text) as Envelope;
  if (result) return { text, answer: superjson.deserialize(result.data) };
  if (!error) throw new Error(`${path} was answered: ${text}`);
  const { message, data } = superjson.deserialize<{ message: string; data: { code: ErrorCode } }>(
    error,
  );
  return { text, error: { code: data.code, message } };
}

const passing = new Set<ErrorCode>(['IN_FLIGHT', 'RATE_LIMITED', 'UNAVAILABLE', 'INTERNAL']);
/** Whether the same call may be answered otherwise later. */
export const isPassing = (error: { code: ErrorCode } | undefined): boolean =>
  error !== undefined && passing.has(error.code);

/** What a reply tells of each command that was sent, alone or by `sync.push`. */
export function resultsOf({ path, key }: Asked, { answer, error }: Reply): SyncResult[] {
  if (path === 'sync.push') return error ? [] : (answer as PushOutput).results;
  if (key === undefined) return [];
  return [{ key, ...(error ? { error: error as SyncResult['error'] } : { answer }) }];
}

/** Makes a call until it is answered for good. @throws when it is refused */
export async function insist(url: string, user: User, asked: Asked, onRetry = () => {}) {
  for (let tries = 0; tries < 50; tries += 1) {
    const reply = await ask(url, user, asked).catch(() => undefined);
    if (reply && !isPassing(reply.error)) return reply;
    onRetry();
  }
  throw new Error(`${asked.path} is not answered.`);
}
