import { connect, type Socket } from 'node:net';

export interface Reply {
  status: number;
  body: string;
}

const headEnd = '\r\n\r\n';

/** What of the bytes so far is an answer; undefined until it is whole. */
function parse(received: Buffer): Reply | undefined {
  const end = received.indexOf(headEnd);
  if (end < 0) return undefined;
  const head = received.toString('latin1', 0, end).toLowerCase();
  const status = Number(head.slice(9, 12));
  const start = end + headEnd.length;
  if (head.includes('transfer-encoding: chunked')) {
    // Nothing follows an answer before the next request, and no JSON holds a bare line feed.
    if (received.toString('latin1', received.length - 5) !== `0${headEnd}`) return undefined;
    return { status, body: unchunk(received.subarray(start)) };
  }
  const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
  if (received.length < start + length) return undefined;
  return { status, body: received.toString('utf8', start, start + length) };
}

function unchunk(chunked: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const end = chunked.indexOf('\r\n', at);
    const length = Number.parseInt(chunked.toString('latin1', at, end), 16);
    if (!length) return Buffer.concat(parts).toString();
    parts.push(chunked.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}

/**
 * One connection that is kept alive, and one request at a time on it. Of what an HTTP client does
 * only this, because a client that costs more than the server would measure itself.
 */
export class Connection {
  readonly #port: number;
  #socket: Socket | undefined;
  #received: Buffer | undefined;
  #waiting: { resolve(reply: Reply): void; reject(error: Error): void } | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  send(request: string): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    this.#waiting = { resolve, reject };
    this.#socket ??= this.#open();
    this.#socket.write(request);
    return promise;
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): Socket {
    const socket = connect(this.#port, '127.0.0.1').setNoDelay();
    socket.on('data', (chunk: Buffer) => {
      this.#received = this.#received ? Buffer.concat([this.#received, chunk]) : chunk;
      const reply = parse(this.#received);
      if (!reply) return;
      this.#received = undefined;
      this.#waiting?.resolve(reply);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#socket = undefined;
      this.#received = undefined;
      this.#waiting?.reject(new Error('The connection was closed.'));
    });
    return socket;
  }
}
