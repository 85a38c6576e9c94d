import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** An address that stays the same while PostgreSQL comes and goes behind it. */
export interface Door extends Disposable {
  /** The same URL, by way of the door. */
  through(url: string): string;
}

/**
 * Opens one to whatever port `target` tells, with TLS where there is a certificate.
 *
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
 */
export async function openDoor(
  target: () => number,
  certificate?: { key: string; cert: string },
): Promise<Door> {
  const join = (near: Socket): void => {
    const far = connect(target(), '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
  };
  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (!certificate) return join(socket);
    socket.once('data', () => {
      socket.write('S');
      join(new TLSSocket(socket, { isServer: true, ...certificate }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    through(url) {
      const other = new URL(url);
      other.hostname = 'localhost';
      other.port = String(port);
      return other.href;
    },
    [Symbol.dispose]: () => void server.close(),
  };
}
