import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifest } from '@typedo/api';
import { errors, takesKey } from '@typedo/contract';
import {
  type Call,
  restRequest,
  routesOf,
  send,
  trpcBatch,
  trpcRequest,
  typedoApi,
  type WireRequest,
} from '../../server/test/requests.ts';
import type { User } from '../../../scripts/testing/users.ts';

/** All that came back of a call: of HTTP the status, the headers and the body. */
export interface Answer {
  isRefused: boolean;
  isBroken: boolean;
  text: string;
}

/** A way to call; undefined where it cannot say such an input. */
export type Face = (url: string, user: User, call: Call) => Promise<Answer | undefined>;

const changing = /^(date|x-request-id|ratelimit|ratelimit-policy|retry-after)$/;

export async function answerOf(url: string, user: User, request: WireRequest): Promise<Answer> {
  const response = await send(url, user.jwt, request, user.headers);
  const body = await response.text();
  const headers = [...response.headers].filter(([name]) => !changing.test(name));
  return {
    isRefused: response.status >= 400,
    isBroken: response.status >= 500,
    text: [response.status, ...headers.map((pair) => pair.join(': ')), body].join('\n'),
  };
}

/** A call that changes nothing, to go beside another one in a batch. */
const beside = (kind: string, user: User): Call[] => {
  const path = kind === 'query' ? 'account.me' : 'tasks.update';
  const input = kind === 'query' ? undefined : { id: user.own.get('tasks')?.[0] };
  return manifest.procedures
    .filter((procedure) => procedure.path === path)
    .map((procedure) => ({ procedure, input }));
};

/** Of a stream, all up to its first event or its error. */
async function followOnce(url: string, user: User, call: Call): Promise<Answer> {
  const response = await send(url, user.jwt, trpcRequest(call), user.headers);
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const [upToFirst] = /^[^]*?^data: (?!\{"reconnect).+\n[^]*?\n\n\n/m.exec(text) ?? [];
    if (upToFirst === undefined) continue;
    text = upToFirst;
    break;
  }
  const isRefused = /"httpStatus":[45]\d\d/.test(text);
  return { isRefused, isBroken: /"httpStatus":5\d\d/.test(text), text };
}

export const single = (url: string, user: User, call: Call): Promise<Answer> =>
  call.procedure.kind === 'subscription'
    ? followOnce(url, user, call)
    : answerOf(url, user, trpcRequest(call));

const pushing = manifest.procedures.find(({ path }) => path === 'sync.push');

/** As a command among others; what is none, by itself. */
export const push: Face = async (url, user, call) => {
  const { procedure, input } = call;
  if (!pushing || !takesKey(procedure)) return single(url, user, call);
  const command = { path: procedure.path, input, key: randomUUID() };
  const answer = await single(url, user, { procedure: pushing, input: { commands: [command] } });
  const text = answer.text.replaceAll(command.key, '<key>');
  const isRefused = answer.isRefused || /"httpStatus":[45]\d\d/.test(text);
  return { text, isRefused, isBroken: answer.isBroken || /"httpStatus":5\d\d/.test(text) };
};

export const batch: Face = async (url, user, call) => {
  // Streams travel alone.
  if (call.procedure.kind === 'subscription') return single(url, user, call);
  const around = beside(call.procedure.kind, user);
  const answer = await answerOf(url, user, trpcBatch([...around, call, ...around]));
  // The status is that of the whole batch: the call's own stands in the body.
  const isRefused = /"httpStatus":[45]\d\d/.test(answer.text);
  const isBroken = answer.isBroken || /"httpStatus":5\d\d/.test(answer.text);
  return { ...answer, isRefused, isBroken };
};

/** By every address that the procedure has. */
export const rest: Face = async (url, user, call) => {
  const { procedure, input } = call;
  // REST has no streams.
  if (procedure.kind === 'subscription') return single(url, user, call);
  const answers: Answer[] = [];
  for (const route of routesOf(procedure)) {
    const request = restRequest(route, input);
    if (request) answers.push(await answerOf(url, user, request));
  }
  if (answers.length === 0) return undefined;
  return {
    isRefused: answers.every((answer) => answer.isRefused),
    isBroken: answers.some((answer) => answer.isBroken),
    text: answers.map((answer) => answer.text).join('\n'),
  };
};

const broken: unknown[] = [null, errors.INTERNAL.exitCode, errors.UNAVAILABLE.exitCode];
const cacheDir = join(tmpdir(), 'typedo-cli-compile-cache');

export const commandLine: Face = async (url, user, call) => {
  // It follows a stream until it is stopped.
  if (call.procedure.kind === 'subscription') return single(url, user, call);
  const signedIn = { TYPEDO_URL: url, TYPEDO_SESSION: user.session };
  const env = { ...signedIn, XDG_CONFIG_HOME: cacheDir, XDG_CACHE_HOME: cacheDir };
  const { exitCode, stdout, stderr } = await typedoApi(call, env);
  return {
    isRefused: exitCode !== 0,
    isBroken: broken.includes(exitCode),
    text: [exitCode, stdout, stderr].join('\n'),
  };
};
