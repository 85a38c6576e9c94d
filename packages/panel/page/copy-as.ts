import type { ProcedureDescription } from '../src/description.ts';
import { type Json, parseJson } from '../src/tagged.ts';
import { toInput, toPlain, transformer } from './calls.ts';
import { credentials } from './credentials.ts';
import { routerUrl } from './host.ts';
import type { Call } from './storage.ts';

/* A call as text for elsewhere. None of them holds a secret: a token is named, not told. */

const shell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const wire = (input: Json | undefined): string | undefined =>
  input === undefined ? undefined : JSON.stringify(transformer.serialize(toInput(input)));

/** A call for curl, whose token the shell is to know as TOKEN. */
export function asCurl({ path, kind }: ProcedureDescription, input: Json | undefined): string {
  const body = wire(input);
  const { by } = credentials.get();
  const parts = [
    `curl ${shell(`${routerUrl}/${path}`)}`,
    ...(by === 'bearer' || by === 'host' ? [`-H "authorization: Bearer $TOKEN"`] : []),
    ...(by === 'cookies' ? [`-b "$COOKIES"`] : []),
  ];
  if (kind === 'mutation') {
    parts.push(`-H 'content-type: application/json'`);
    parts.push(body === undefined ? '-X POST' : `-d ${shell(body)}`);
  } else {
    if (kind === 'subscription') parts.push(`-N -H 'accept: text/event-stream'`);
    if (body !== undefined) parts.push(`-G --data-urlencode ${shell(`input=${body}`)}`);
  }
  return parts.join(' \\\n  ');
}

const isIdentifier = (name: string): boolean => /^[A-Za-z_$][\w$]*$/.test(name);

/** A value as an expression of TypeScript. */
export function asExpression(value: unknown, indent = ''): string {
  const inner = `${indent}  `;
  const list = (values: unknown[]): string =>
    values.length === 0
      ? '[]'
      : `[\n${values.map((one) => `${inner}${asExpression(one, inner)},\n`).join('')}${indent}]`;
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Date) return `new Date('${value.toISOString()}')`;
  if (value instanceof Map) return `new Map(${list([...value])})`;
  if (value instanceof Set) return `new Set(${list([...value])})`;
  if (Array.isArray(value)) return list(value);
  if (typeof value === 'number' || value === undefined) return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, one]) =>
      `${inner}${isIdentifier(key) ? key : JSON.stringify(key)}: ${asExpression(one, inner)},\n`,
  );
  return entries.length === 0 ? '{}' : `{\n${entries.join('')}${indent}}`;
}

const verbs = { query: 'query', mutation: 'mutate', subscription: 'subscribe' };

/** A call of a typed client. */
export function asTypeScript(
  { path, kind }: ProcedureDescription,
  input: Json | undefined,
): string {
  const member = path
    .split('.')
    .map((part) => (isIdentifier(part) ? `.${part}` : `[${JSON.stringify(part)}]`))
    .join('');
  const given = input === undefined ? [] : [asExpression(toInput(input))];
  const handlers = '{ onData: (event) => console.log(event) }';
  const args = kind === 'subscription' ? [given[0] ?? 'undefined', handlers] : given;
  const call = `trpc${member}.${verbs[kind]}(${args.join(', ')})`;
  return kind === 'subscription' ? `${call};` : `await ${call};`;
}

/** A command that does the same, where the host has named one. */
export const asCommand = ({ cli }: ProcedureDescription, input: Json | undefined): string =>
  (cli ?? '').replace('{input}', () => shell(JSON.stringify(toPlain(toInput(input)) ?? {})));

/** The hash of this page that opens a procedure. */
export const pathHash = (path: string): string => `#${encodeURIComponent(path)}`;

/** The hash of this page that opens a call; without an input, one that has none. */
export const callHash = (path: string, input: Json | undefined): string =>
  `${pathHash(path)}?input=${encodeURIComponent(JSON.stringify(input) ?? '')}`;

/** What a hash opens: a procedure, and the call that it brings, if it brings one. */
export function readHash(hash: string): { path: string; call: Call | undefined } {
  const [encoded = '', query = ''] = hash.slice(1).split('?', 2);
  try {
    const path = decodeURIComponent(encoded);
    const text = new URLSearchParams(query).get('input');
    if (text === null) return { path, call: undefined };
    return { path, call: { path, input: text === '' ? undefined : parseJson(text) } };
  } catch {
    return { path: encoded, call: undefined };
  }
}
