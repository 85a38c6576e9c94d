import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../../../scripts/testing/free-port.ts';

/** What a server says that is no Redis, or a broken one. */
const garbage = [
  'HTTP/1.1 400 Bad Request\r\n\r\n',
  '+OK\r\n',
  ':1\r\n',
  '*-1\r\n',
  '_garbage\r\n',
  '>1\r\n$7\r\nmessage\r\n',
  '*2\r\n:-1\r\n$3\r\nabc\r\n',
  '-ERR out of sorts\r\n',
  '$999999999\r\n\0\0',
];

/** Debian's Redis on a port of its own, and what may become of it. */
export interface TestRedis extends AsyncDisposable {
  url: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Puts a server in its place that answers garbage, another at each connection, until it is ended. */
  replaceByGarbage(): Promise<() => Promise<void>>;
}

export async function startTestRedis(): Promise<TestRedis> {
  const port = await freePort();
  let redis: ChildProcess;

  const start = async (): Promise<void> => {
    const options = { port, bind: '127.0.0.1', save: '', appendonly: 'no' };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]);
    redis = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const { stdout } = redis;
    if (!stdout) throw new Error('redis-server has no output.');
    for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
      if (/ready to accept connections/i.test(String(chunk))) break;
    }
    stdout.resume();
  };
  const kill = async (): Promise<void> => {
    if (redis.exitCode ?? redis.signalCode) return;
    redis.kill('SIGKILL');
    await once(redis, 'exit');
  };
  await start();

  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    kill,
    pause: () => void redis.kill('SIGSTOP'),
    resume: () => void redis.kill('SIGCONT'),
    async replaceByGarbage() {
      await kill();
      const sockets = new Set<Socket>();
      const server: Server = createServer((socket) => {
        const says = garbage[sockets.size % garbage.length] ?? '';
        sockets.add(socket.on('error', () => {}).on('data', () => socket.write(says)));
      }).listen(port, '127.0.0.1');
      await once(server, 'listening');
      return async () => {
        for (const socket of sockets) socket.destroy();
        server.close();
        await once(server, 'close');
      };
    },
    [Symbol.asyncDispose]: kill,
  };
}
