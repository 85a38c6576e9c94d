import { createClient, isTypedoError, SignInError, type TypedoClient } from '@typedo/client';
import { errors, type Page, type PageInput, limits } from '@typedo/contract';
import { readCredentials, type Secret } from './credentials.ts';
import type { Env } from './env.ts';
import { CliError, notSignedIn, unusableToken, usageError } from './errors.ts';

export const defaultUrl = 'http://localhost:4000';

/** A service's address in the form that is stored and compared. @throws CliError */
export function toAddress(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw usageError(`"${url}" is no address of a service.`, `Give one such as ${defaultUrl}.`);
  }
  return new URL(url).href.replace(/\/+$/, '');
}

/** Where calls go and as whom; `isStored` tells whether that came from the credentials file. */
export interface Connection {
  url: string;
  auth: Secret;
  isStored: boolean;
}

/** @throws CliError when nobody is signed in */
export async function findConnection(env: Env): Promise<Connection> {
  const url = env.url && toAddress(env.url);
  const given = (env.token && { token: env.token }) || (env.session && { session: env.session });
  if (given) return { url: url ?? defaultUrl, auth: given, isStored: false };
  const stored = await readCredentials(env.configDir);
  if (!stored) throw notSignedIn('You are not signed in.');
  // A session is a secret between its user and one service: no other gets to see it.
  if (url && url !== stored.url) {
    throw notSignedIn(`You are signed in at ${stored.url}, not at ${url} (TYPEDO_URL).`);
  }
  const { url: storedUrl, ...auth } = stored;
  return { url: storedUrl, auth, isStored: true };
}

const isOutOfReach = (error: unknown): boolean => {
  if (error instanceof SignInError) return error.code === 'UNKNOWN' || error.status >= 500;
  if (!(error instanceof Error) || isTypedoError(error)) return false;
  // tRPC's error without one of the service within: no answer, or another program's.
  return error.name === 'TRPCClientError' || error.message === 'fetch failed';
};

/** The system's own word for it, such as ECONNREFUSED, which lies deep. */
const reasonOf = (error: unknown): string => {
  let reason = 'no reason given';
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    reason = (typeof code === 'string' && code) || cause.message || reason;
  }
  return reason.replace(/\.$/, '');
};

/** Does work that calls the service. @throws CliError when it cannot be reached */
export async function atService<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isOutOfReach(error)) throw error;
    const { exitCode } = errors.UNAVAILABLE;
    const message = `The service at ${url} is out of reach (${reasonOf(error)}).`;
    const todo = 'Check that it runs there, and that the address is right.';
    throw new CliError({ code: 'UNAVAILABLE', message, todo, exitCode }, error);
  }
}

type Work<T> = (typedo: TypedoClient, url: string) => Promise<T>;

/** Does work as the user whom a secret stands for. @throws CliError */
export async function asUser<T>(url: string, auth: Secret, work: Work<T>): Promise<T> {
  try {
    return await atService(url, async () => work(createClient({ url, auth }), url));
  } catch (error) {
    const isRefused = isTypedoError(error) && errors[error.data.code].status === 401;
    throw isRefused && 'token' in auth ? unusableToken(error) : error;
  }
}

/** Does work as the user who is signed in. @throws CliError */
export async function signedIn<T>(env: Env, work: Work<T>): Promise<T> {
  const { url, auth } = await findConnection(env);
  return asUser(url, auth, work);
}

/** Gathers pages, up to `limit` items. */
export async function collect<Item>(
  fetchPage: (page: PageInput) => Promise<Page<Item>>,
  limit = Number.POSITIVE_INFINITY,
): Promise<{ items: Item[]; hasMore: boolean }> {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await fetchPage({
      limit: Math.min(limits.pageSize, limit - items.length),
      cursor,
    });
    items.push(...page.items);
    if (page.nextCursor === null) return { items, hasMore: false };
    if (items.length >= limit) return { items, hasMore: true };
    cursor = page.nextCursor;
  }
}
