import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, signUp } from '@typedo/client';
import { afterEach, expect, test } from 'vitest';

// The production bundle as a process of its own, which `pnpm start` runs.
const bundle = join(import.meta.dirname, '../dist/main.js');

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup();
});

const newDataDir = (): string => {
  const dataDir = mkdtempSync(join(tmpdir(), 'typedo-process-'));
  chmodSync(dataDir, 0o755);
  cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
  return dataDir;
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
};

interface Run {
  process: ChildProcess;
  url: string;
  output(): string;
  /** Waits for what it prints; fails with everything printed when it ends before. */
  printed(pattern: RegExp): Promise<void>;
  exited: Promise<{ code: number | null }>;
}

const start = async (env: Record<string, string>): Promise<Run> => {
  const port = env.PORT ?? String(await freePort());
  const child = spawn(process.execPath, [bundle], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, PORT: port, BCRYPT_COST: '4', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  cleanups.push(() => child.kill('SIGKILL'));
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
      for (const listener of listeners) listener();
    });
  }
  const exited = once(child, 'close').then(([code]: unknown[]) => {
    for (const listener of listeners) listener();
    return { code: typeof code === 'number' ? code : null };
  });
  const printed = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (pattern.test(output)) resolve();
        else if (child.exitCode !== null) reject(new Error(`It ended and printed:\n${output}`));
      };
      listeners.add(look);
      look();
    });
  return { process: child, url: `http://localhost:${port}`, output: () => output, printed, exited };
};

const postgresPid = (run: Run): number => {
  const [, clusterDir = ''] = /PostgreSQL of its own in ([^"\n]+)/.exec(run.output()) ?? [];
  return Number(readFileSync(join(clusterDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
};
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test.each(['SIGINT', 'SIGTERM'] as const)(
  'it starts from nothing, serves, and on %s leaves no process behind',
  async (signal) => {
    const run = await start({ DATA_DIR: newDataDir() });
    await run.printed(/The API is ready at/);
    expect((await fetch(`${run.url}/readyz`)).status).toBe(200);
    const pid = postgresPid(run);
    expect(isAlive(pid)).toBe(true);
    run.process.kill(signal);
    expect(await run.exited).toEqual({ code: 0 });
    // Its init process may take a moment to notice the end.
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  },
);

test('told to stop while it starts its PostgreSQL, it takes that along', async () => {
  const dataDir = newDataDir();
  const run = await start({ DATA_DIR: dataDir });
  await expect.poll(() => existsSync(join(dataDir, 'postgres.json'))).toBe(true);
  run.process.kill();
  expect(await run.exited).toEqual({ code: 0 });
  expect(existsSync(join(dataDir, 'postgres', 'PG_VERSION'))).toBe(true);
  expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
});

test('a client that stalls in the middle of a request does not keep it from stopping', async () => {
  const run = await start({ DATA_DIR: newDataDir() });
  await run.printed(/The API is ready at/);
  const pid = postgresPid(run);
  const stalled = connect(Number(new URL(run.url).port), '127.0.0.1');
  stalled.on('error', () => {});
  stalled.write(
    'POST /api/trpc/tasks.create HTTP/1.1\r\nHost: localhost\r\n' +
      'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
  );
  // The server has read that much once a later request is answered.
  await fetch(`${run.url}/livez`);
  run.process.kill();
  expect(await run.exited).toEqual({ code: 0 });
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});

test('a second start on the same data, or the same port, says what is wrong in a sentence', async () => {
  const dataDir = newDataDir();
  const first = await start({ DATA_DIR: dataDir });
  await first.printed(/The API is ready at/);
  const sameData = await start({ DATA_DIR: dataDir });
  expect(await sameData.exited).toEqual({ code: 1 });
  expect(sameData.output()).toMatch(
    /Another Typedo is already running on DATA_DIR .*another folder\.\n$/,
  );
  const samePort = await start({ DATA_DIR: newDataDir(), PORT: new URL(first.url).port });
  expect(await samePort.exited).toEqual({ code: 1 });
  expect(samePort.output()).toMatch(
    /Port \d+ on 127\.0\.0\.1 is in use\. .*set PORT to another\.\n$/,
  );
  first.process.kill();
  expect(await first.exited).toEqual({ code: 0 });
});

test('a configuration that it cannot start with is told by name, without a stack', async () => {
  const run = await start({ PORT: 'http', LOG_LEVEL: 'loud' });
  expect(await run.exited).toEqual({ code: 1 });
  expect(run.output()).toMatch(/PORT must be a number/);
  expect(run.output()).toMatch(/LOG_LEVEL must be/);
  expect(run.output()).not.toMatch(/ at .*:\d+/);
});

test('a database that is not there is told as such, without a stack', async () => {
  const run = await start({ DATABASE_URL: 'postgres://typedo:secret@127.0.0.1:1/typedo' });
  expect(await run.exited).toEqual({ code: 1 });
  expect(run.output()).toMatch(/DATABASE_URL/);
  expect(run.output()).not.toMatch(/secret| at .*:\d+/);
});

test('when everything is killed in the middle of a thousand writes, no acknowledged one is lost', async () => {
  const dataDir = newDataDir();
  const run = await start({ DATA_DIR: dataDir });
  await run.printed(/The API is ready at/);
  const user = { name: 'Ann', email: 'ann@example.com', password: 'correct horse' };
  const session = await signUp(run.url, user);
  const client = createClient({ url: run.url, auth: session });

  const acknowledged: string[] = [];
  const pid = postgresPid(run);
  const writes = Array.from({ length: 1000 }, async (_, n) => {
    const { id } = await client.tasks.create.mutate({ title: `write ${n}` });
    acknowledged.push(id);
    if (acknowledged.length === 500) {
      run.process.kill('SIGKILL');
      process.kill(pid, 'SIGKILL');
    }
  });
  await Promise.allSettled(writes);
  await run.exited;
  expect(acknowledged.length).toBeGreaterThanOrEqual(500);
  expect(acknowledged.length).toBeLessThan(1000);

  const again = await start({ DATA_DIR: dataDir });
  await again.printed(/The API is ready at/);
  const after = createClient({ url: again.url, auth: session });
  const kept = new Set<string>();
  let cursor: string | null = null;
  do {
    const page = await after.tasks.list.query({ limit: 100, ...(cursor && { cursor }) });
    for (const { id } of page.items) kept.add(id);
    cursor = page.nextCursor;
  } while (cursor);
  expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
  again.process.kill();
  await again.exited;
});
