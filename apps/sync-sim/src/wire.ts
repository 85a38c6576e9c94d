import { setTimeout as sleep } from 'node:timers/promises';
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
  error?: { code: ErrorCode; message: string; retryAfterSeconds?: number };
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
  const { message, data } = superjson.deserialize<{
    message: string;
    data: { code: ErrorCode; retryAfterSeconds?: number };
  }>(error);
  const { code, retryAfterSeconds } = data;
  return { text, error: { code, message, ...(retryAfterSeconds && { retryAfterSeconds }) } };
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

/** Waits until a call that got no answer for good may get one: as long as the service told. */
export const pauseAfter = (reply: Reply | undefined): Promise<void> =>
  sleep((reply?.error?.retryAfterSeconds ?? 0.1) * 1000);

/** Makes a call until it is answered for good. @throws when it never is */
export async function insist(url: string, user: User, asked: Asked): Promise<Reply> {
  let last: Reply | undefined;
  for (let tries = 0; tries < 50; tries += 1) {
    last = await ask(url, user, asked).catch(() => undefined);
    if (last && !isPassing(last.error)) return last;
    await pauseAfter(last);
  }
  throw new Error(`${asked.path} is not answered: ${last?.text ?? 'the connection is cut'}`);
}
