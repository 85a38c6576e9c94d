import { host } from './host.ts';
import { keep } from './storage.ts';

/** How calls say who makes them. */
export interface Credentials {
  by: 'host' | 'bearer' | 'cookies' | 'nothing';
  /** The bearer token. */
  token: string;
  /** More headers, as the user wrote them: `name: value`, a line each. */
  headers: string;
  /** Whether the browser may keep all this. */
  isKept: boolean;
}

const none: Credentials = {
  by: host.headers ? 'host' : 'cookies',
  token: '',
  headers: '',
  isKept: false,
};

const kept = keep<Credentials>(() => localStorage, 'credentials', none);
// Nowhere but on this page.
const current = keep<Credentials>(() => undefined, '', kept.get());

/** Those in use; stored only while `isKept`. */
export const credentials = {
  ...current,
  set(value: Credentials): void {
    current.set(value);
    kept.set(value.isKept ? value : none);
  },
};

const readHeader = (line: string): [name: string, value: string][] => {
  const [name, value] = line.split(/:(.*)/s, 2).map((part) => part.trim());
  if (!name || value === undefined) return [];
  try {
    return [...new Headers([[name, value]])];
  } catch {
    return [];
  }
};

/** The lines of written headers that cannot be sent. */
export const unsendable = (headers: string): string[] =>
  headers.split('\n').filter((line) => line.trim() !== '' && readHeader(line).length === 0);

/** The headers that calls are made with now. */
export async function callHeaders(): Promise<Record<string, string>> {
  const { by, token, headers } = current.get();
  const more = headers.split('\n').flatMap(readHeader);
  return {
    ...(by === 'host' && (await host.headers?.())),
    ...(by === 'bearer' && token !== '' && { authorization: `Bearer ${token.trim()}` }),
    ...Object.fromEntries(more),
  };
}

/** Whether the browser's cookies go with calls. */
export const callCookies = (): RequestCredentials => {
  const { by } = current.get();
  if (by === 'cookies') return 'include';
  return by === 'host' ? 'same-origin' : 'omit';
};
