import { EventEmitter, once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that can fail. */
export interface Gate extends AsyncDisposable {
  /** That of the server, but for the host. */
  url: string;
  /** Lets so many more bytes of answers through, and then cuts every connection. */
  cutAfter(bytes: number): void;
  /** Resolves when something that is sent from now on has gone through. */
  passed(): Promise<unknown>;
  /** Cuts every connection now. */
  cut(): void;
  /** Lets nothing through, without a word, until it is told otherwise; new connections are taken. */
  hold(isHeld: boolean): void;
  /** Lets what is sent through so much later, from now on. */
  delay(ms: number): void;
}

/** @param onCut hears of each cut */
export async function startGate(to: string, onCut: () => void = () => {}): Promise<Gate> {
  const { host, hostname, port: farPort } = new URL(to);
  const open = new Set<Socket>();
  const traffic = new EventEmitter();
  let left = Infinity;
  let isHeld = false;
  let delayMs = 0;
  const join = (near: Socket): void => {
    const far = connect({ host: hostname, port: Number(farPort) });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      if (isHeld) one.pause();
      // Its end is what there is to know of it.
      one.on('error', () => {});
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    near.on('data', (bytes) => {
      if (delayMs > 0) setTimeout(() => far.write(bytes), delayMs);
      else far.write(bytes);
      traffic.emit('sent');
    });
    far.on('data', (bytes) => {
      if (bytes.length < left) {
        left -= bytes.length;
        near.write(bytes);
        return;
      }
      near.end(bytes.subarray(0, left), () => near.destroy());
      left = Infinity;
      open.delete(near);
      cut();
      onCut();
    });
  };
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer(join).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: to.replace(host, `127.0.0.1:${port}`),
    cutAfter(bytes) {
      left = bytes;
    },
    passed: () => once(traffic, 'sent'),
    cut,
    hold(held) {
      isHeld = held;
      for (const socket of open)
        if (held) socket.pause();
        else socket.resume();
    },
    delay(ms) {
      delayMs = ms;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}
