import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../scripts/testing/free-port.ts';
import { startProgram } from './web-server.ts';

const newDataDir = (): string => {
  const dataDir = mkdtempSync(join(tmpdir(), 'typedo-start-'));
  chmodSync(dataDir, 0o755);
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  return dataDir;
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('one command serves API and web app; a second says what is wrong; one signal ends all', async () => {
  const [PORT, WEB_PORT] = [String(await freePort()), String(await freePort())];
  const DATA_DIR = newDataDir();
  const start = (env: Record<string, string>) => startProgram('scripts/start.ts', env);
  const first = await start({ PORT, WEB_PORT, DATA_DIR });
  onTestFinished(() => first.stop());
  expect(first.url).toBe(`http://localhost:${WEB_PORT}`);
  expect(await (await fetch(`${first.url}/sign-in`)).text()).toContain('Try it');
  const signUp = await fetch(`${first.url}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: first.url },
    body: JSON.stringify({ name: 'Ann', email: 'ann@example.com', password: 'correct horse' }),
  });
  expect(signUp.status).toBe(200);

  await expect(start({ PORT, WEB_PORT, DATA_DIR })).rejects.toThrow(
    /^It ended with 1:\nPort \d+ on 127\.0\.0\.1 is in use\. .*PORT.*\nPort \d+ on .*WEB_PORT to another\.\n$/,
  );
  const others = { PORT: String(await freePort()), WEB_PORT: String(await freePort()) };
  await expect(start({ ...others, DATA_DIR })).rejects.toThrow(
    /^It ended with 1:[^]*Another Typedo is already running on DATA_DIR/,
  );
  await expect(start({ PORT: 'http', WEB_PORT: '-1' })).rejects.toThrow(
    /PORT must be[^]*WEB_PORT must be/,
  );
  expect((await fetch(`${first.url}/sign-in`)).status).toBe(200);

  const [, clusterDir = ''] = /PostgreSQL of its own in ([^"\n]+)/.exec(first.output()) ?? [];
  const postgres = Number(readFileSync(join(clusterDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const programs = readFileSync(`/proc/${first.pid}/task/${first.pid}/children`, 'utf8');
  const pids = [postgres, ...programs.trim().split(' ').map(Number)];
  expect(pids.map(isAlive)).toEqual([true, true, true]);
  await first.stop();
  expect(await first.exited).toEqual({ code: 0 });
  await expect.poll(() => pids.some(isAlive)).toBe(false);
});
