import { once } from 'node:events';
import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';

export interface RawRequest {
  path: string;
  method?: string;
  headers?: OutgoingHttpHeaders;
  body?: string | Buffer;
  isUnfinished?: boolean;
}

export interface RawAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 500 });

/**
 * A request as it is written here: fetch would tidy up its path and forbid some of its headers. Where
 * `isUnfinished`, it says that there is more to come, and leaves it at that.
 */
export async function send(url: string, options: RawRequest): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const { body, isUnfinished = false, ...rest } = options;
  // Node does not say by itself how long the body of a DELETE is.
  const headers = {
    ...(body && !isUnfinished && { 'content-length': Buffer.byteLength(body) }),
    ...rest.headers,
  };
  const sent = request({ hostname, port, agent, ...rest, headers });
  // A server that has answered may be gone in the middle of the request, and be so more than once.
  sent.on('error', () => {});
  if (isUnfinished) sent.write(body ?? '');
  else sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const got = { status: answer.statusCode ?? 0, headers: answer.headers, text: await text(answer) };
  if (isUnfinished) sent.destroy();
  return got;
}

/** Sends a request until the server takes it on: of many at once, one that is slow refuses some. */
export async function sendUntilTaken(url: string, options: RawRequest): Promise<RawAnswer> {
  const answer = await send(url, options);
  if (answer.status !== 503) return answer;
  await wait(100);
  return sendUntilTaken(url, options);
}

/** The code of the catalogue that an answer has; `ok` when it has none. */
export const codeIn = (answer: string): string => /"code":"([A-Z_]+)"/.exec(answer)?.[1] ?? 'ok';

/** The same of each call of a batch. */
export const codesIn = (answer: string): string[] =>
  (JSON.parse(answer) as object[]).map((one) => codeIn(JSON.stringify(one)));
