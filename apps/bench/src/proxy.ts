import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** How much later answers come through it: what was sent without waiting for them is there before. */
const delayMs = 4;

/** A way to PostgreSQL that counts how often a client waits for an answer. */
export interface CountingProxy extends AsyncDisposable {
  url: string;
  /** Times that a client spoke after the server had. */
  roundTrips(): number;
}

export async function startProxy(databaseUrl: string): Promise<CountingProxy> {
  const target = new URL(databaseUrl);
  let count = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname);
    let isAnswered = true;
    client.on('data', (chunk) => {
      if (isAnswered) count += 1;
      isAnswered = false;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      setTimeout(() => {
        isAnswered = true;
        client.write(chunk);
      }, delayMs);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.setNoDelay().on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: Object.assign(new URL(databaseUrl), { host: `127.0.0.1:${port}` }).href,
    roundTrips: () => count,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
