import { randomInt, randomUUID } from 'node:crypto';

/** A request of HTTP/1.1 as it goes over the wire, but for what is new each time it is sent. */
export type RawRequest = string;

/** Stands for a new UUID; as long as one, so that lengths hold. */
export const uuid = '{uuid}'.padEnd(36, '-');
/** Stands for some private address. */
export const ip = '{ip}';

export function toRequest(
  method: string,
  path: string,
  body: object | undefined,
  headers: Record<string, string>,
): RawRequest {
  const json = body === undefined ? '' : JSON.stringify(body);
  const all = {
    host: '127.0.0.1',
    ...headers,
    ...(body && {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(json)),
    }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${json}`;
}

export const filled = (request: RawRequest): string =>
  request.includes('{')
    ? request
        .replaceAll(uuid, () => randomUUID())
        .replaceAll(ip, () => `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`)
    : request;
