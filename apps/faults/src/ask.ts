import { send, type WireRequest } from '../../server/test/requests.ts';
import type { Person } from './scene.ts';

/** How a request was answered, without any client that tries again. */
export interface Answer {
  place: string;
  /** 0 where none came. */
  status: number;
  hasRetryAfter: boolean;
  text: string;
  ms: number;
  at: number;
}

export const isDone = ({ status }: Answer): boolean => status === 200 || status === 201;
/** As a service that has too much to do, or no database, must say so. */
export const isRefused = ({ status, hasRetryAfter }: Answer): boolean =>
  status === 503 && hasRetryAfter;

/** Makes a request once, as someone. */
export async function ask(
  place: string,
  { jwt, headers }: Pick<Person, 'jwt' | 'headers'>,
  request: WireRequest,
): Promise<Answer> {
  const from = performance.now();
  const end = (status: number, text = '', hasRetryAfter = false): Answer => {
    const at = performance.now();
    return { place, status, hasRetryAfter, text, ms: at - from, at };
  };
  try {
    const response = await send(place, jwt, request, headers);
    return end(response.status, await response.text(), response.headers.has('retry-after'));
  } catch (error) {
    return end(0, String(error));
  }
}
