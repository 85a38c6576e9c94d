import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, signUp } from '@typedo/client';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../../scripts/testing/free-port.ts';
import { type Run, startServer } from './server-process.ts';

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

const start = async (env: Record<string, string>): Promise<Run> => {
  const run = await startServer(env);
  cleanups.push(() => void run.process.kill('SIGKILL'));
  return run;
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
    await expect.poll(async () => (await fetch(`${run.url}/readyz`)).status).toBe(200);
    const pid = postgresPid(run);
    expect(isAlive(pid)).toBe(true);
    run.process.kill(signal);
    expect(await run.exited).toEqual({ code: 0 });
    // Its init process may take a moment to notice the end.
    await expect.poll(() => isAlive(pid)).toBe(false);
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
  await expect.poll(() => isAlive(pid)).toBe(false);
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

test('metrics have a port of their own, and no other has them', async () => {
  const port = String(await freePort());
  const run = await start({ DATA_DIR: newDataDir(), METRICS_PORT: port });
  await run.printed(/The API is ready at/);
  const metrics = `http://127.0.0.1:${port}`;
  expect(await (await fetch(`${metrics}/metrics`)).text()).toMatch(
    /^typedo_build_info\{version="/m,
  );
  expect((await fetch(`${metrics}/livez`)).status).toBe(404);
  expect((await fetch(`${run.url}/metrics`)).status).toBe(404);
  const samePort = await start({ DATA_DIR: newDataDir(), METRICS_PORT: port });
  expect(await samePort.exited).toEqual({ code: 1 });
  expect(samePort.output()).toMatch(/METRICS_PORT .* is in use.*set it to another\.\n$/);
  run.process.kill();
  expect(await run.exited).toEqual({ code: 0 });
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

test('when everything is killed in the middle of hundreds of writes, no acknowledged one is lost', async () => {
  const dataDir = newDataDir();
  const run = await start({ DATA_DIR: dataDir });
  await run.printed(/The API is ready at/);
  const user = { name: 'Ann', email: 'ann@example.com', password: 'correct horse' };
  const session = await signUp(run.url, user);
  const client = createClient({ url: run.url, auth: session });

  const acknowledged: string[] = [];
  const pid = postgresPid(run);
  let isKilled = false;
  const write = async (): Promise<void> => {
    while (!isKilled) {
      const { id } = await client.tasks.create.mutate({ title: 'written' });
      acknowledged.push(id);
      if (acknowledged.length < 500) continue;
      isKilled = true;
      run.process.kill('SIGKILL');
      process.kill(pid, 'SIGKILL');
    }
  };
  await Promise.allSettled(Array.from({ length: 50 }, write));
  await run.exited;
  expect(acknowledged.length).toBeGreaterThanOrEqual(500);

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
