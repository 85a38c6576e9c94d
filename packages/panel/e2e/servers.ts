import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';
import { fastify } from 'fastify';
import { createPanel } from '../src/index.ts';
import { richRouter } from './rich-router.ts';

export interface Server extends AsyncDisposable {
  url: string;
}

const nextApp = join(import.meta.dirname, 'next');
const next = join(import.meta.dirname, '../node_modules/next/dist/bin/next');

/** The plain router and its panel on Next's fetch handler, as `next build` and `next start` have it. */
export async function startNext(): Promise<Server> {
  const env = { ...process.env, NODE_ENV: 'production' as const, NEXT_TELEMETRY_DISABLED: '1' };
  await promisify(execFile)(process.execPath, [next, 'build', nextApp], { env });
  const child = spawn(process.execPath, [next, 'start', nextApp, '--port', '0'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      const found = /Local:\s+(\S+)/.exec(printed)?.[1];
      if (found && printed.includes('Ready')) resolve(found);
    });
    void exited.then(() => reject(new Error(`Next ended:\n${printed}`)));
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}

/** The rich router and its panel on Fastify; it notes the headers of each call. */
export async function startFastify(): Promise<Server & { authorizations: string[] }> {
  const app = fastify();
  const authorizations: string[] = [];
  app.addHook('onRequest', async ({ url, headers }) => {
    if (url.startsWith('/trpc')) authorizations.push(headers.authorization ?? 'none');
  });
  await app.register(fastifyTRPCPlugin, { prefix: '/trpc', trpcOptions: { router: richRouter } });
  app.get('/panel', createPanel({ router: richRouter, url: '/trpc' }).fastify);
  const url = await app.listen();
  return { url, authorizations, [Symbol.asyncDispose]: () => app.close() };
}

/** A way to a server, which can be closed for a while. */
export async function startGate(to: string): Promise<Server & { close(): void; open(): void }> {
  const { hostname, port } = new URL(to);
  const sockets = new Set<Socket>();
  let isOpen = true;
  const gate = createServer((client) => {
    if (!isOpen) {
      client.destroy();
      return;
    }
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      // Whatever ends one side ends the other.
      socket
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(socket);
          client.destroy();
          server.destroy();
        });
    }
    client.pipe(server).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(gate, 'listening');
  const close = (): void => {
    isOpen = false;
    for (const socket of sockets) socket.destroy();
  };
  const address = gate.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    close,
    open: () => void (isOpen = true),
    async [Symbol.asyncDispose]() {
      close();
      gate.close();
    },
  };
}
