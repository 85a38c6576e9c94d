import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { manifest } from '@typedo/api';
import { fromText, type Manifest, type ManifestProcedure } from '@typedo/contract';
import superjson from 'superjson';
import { cliEnv } from '../../../scripts/testing/env.ts';
import { type RestRoute, restRoutes } from '../src/faces/rest/routes.ts';

/** What answers once. Streams have tests of their own, in sync.test.ts. */
export const answering: Manifest = {
  ...manifest,
  procedures: manifest.procedures.filter(({ kind }) => kind !== 'subscription'),
};

/** One call to make. */
export interface Call {
  procedure: ManifestProcedure;
  input: unknown;
}

/** A request of a face, below the service's address. */
export interface WireRequest {
  method: string;
  path: string;
  /** JSON, where there is a body. */
  body?: string;
}

const encode = (value: unknown): string => encodeURIComponent(JSON.stringify(value));

export function trpcRequest({ procedure: { path, kind }, input }: Call): WireRequest {
  const wire = superjson.serialize(input);
  if (kind === 'mutation')
    return { method: 'POST', path: `/api/trpc/${path}`, body: JSON.stringify(wire) };
  return { method: 'GET', path: `/api/trpc/${path}?input=${encode(wire)}` };
}

/** Calls of one kind as one request. */
export function trpcBatch(calls: Call[]): WireRequest {
  const paths = calls.map(({ procedure }) => procedure.path).join(',');
  const wire = Object.fromEntries(
    calls.map(({ input }, index) => [index, superjson.serialize(input)]),
  );
  const path = `/api/trpc/${paths}?batch=1`;
  if (calls.some(({ procedure }) => procedure.kind !== 'query'))
    return { method: 'POST', path, body: JSON.stringify(wire) };
  return { method: 'GET', path: `${path}&input=${encode(wire)}` };
}

const toText = (value: unknown): string =>
  value instanceof Date
    ? value.toISOString()
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const allRoutes = restRoutes(manifest);

/** The addresses that a procedure has on REST. */
export const routesOf = (procedure: ManifestProcedure): RestRoute[] =>
  allRoutes.filter((route) => route.procedure.path === procedure.path);

/** A call at an address of REST; undefined when its input cannot be written so. */
export function restRequest(
  { method, path, isBodied, procedure }: RestRoute,
  input: unknown = {},
): WireRequest | undefined {
  const inPath = path.includes('{id}');
  const prefix = '/api/v1';
  if (!isFields(input)) {
    if (!isBodied || inPath) return undefined;
    return { method, path: prefix + path, body: JSON.stringify(input) };
  }
  const { id, ...rest } = input;
  // An empty segment, or one that means another place, is another address.
  const segment = typeof id === 'string' && id.isWellFormed() && id.length < 1000 ? id : '';
  if (inPath && ['', '.', '..'].includes(segment)) return undefined;
  const address = prefix + path.replace('{id}', encodeURIComponent(segment));
  const fields = inPath ? rest : input;
  if (isBodied) return { method, path: address, body: JSON.stringify(fields) };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    const written = toText(value);
    const schema = Object.entries(procedure.input.properties ?? {}).find(([key]) => key === name);
    const read = schema ? fromText(schema[1], written) : written;
    if (!written.isWellFormed() || !isDeepStrictEqual(read, value)) return undefined;
    query.set(name, written);
  }
  return { method, path: `${address}?${query.toString()}` };
}

const patienceMs = 120_000;

/** Makes a request of a face, with a bearer token. @throws TimeoutError when nothing answers */
export const send = (
  url: string,
  token: string,
  { method, path, body }: WireRequest,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...((body !== undefined || path.startsWith('/api/trpc')) && {
        'content-type': 'application/json',
      }),
      ...headers,
    },
    ...(body !== undefined && { body }),
    signal: AbortSignal.timeout(patienceMs),
  });

const typedo = join(import.meta.dirname, '../../cli/src/main.ts');

/** A call by the command line, as a process. */
export async function typedoApi({ procedure, input }: Call, env: NodeJS.ProcessEnv) {
  const args = input === undefined ? [] : ['--input', '-'];
  const child = spawn(process.execPath, [typedo, 'api', procedure.path, ...args, '--json'], {
    env: { ...cliEnv, ...env },
  });
  child.stdin.on('error', () => {}).end(input === undefined ? '' : JSON.stringify(input));
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { exitCode, stdout, stderr };
}
