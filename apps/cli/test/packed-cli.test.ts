import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Task } from '@typedo/client';
import { expect, onTestFinished, test } from 'vitest';
import { PATH } from '../../../scripts/testing/env.ts';
import { signUpTestUser, startTestApp } from '../../server/test/harness.ts';

const run = promisify(execFile);
const cli = join(import.meta.dirname, '..');

test('the packed command installs and runs in an empty folder, with no other package', async () => {
  await using app = await startTestApp();
  const { session } = await signUpTestUser(app);
  const folder = await mkdtemp(join(tmpdir(), 'typedo-packed-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await run(process.execPath, ['build.ts'], { cwd: cli });
  const packed = join(cli, 'dist/package');
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: packed });
  await writeFile(join(folder, 'package.json'), '{}');
  const install = ['install', '--offline', '--silent', '--no-audit', '--no-fund'];
  await run('npm', [...install, './typedo-cli-0.1.0.tgz'], { cwd: folder });

  const cache = { XDG_CACHE_HOME: join(folder, 'cache') };
  const env = {
    PATH,
    ...cache,
    TYPEDO_URL: app.url,
    TYPEDO_SESSION: session.session,
  };
  const typedo = async (...args: string[]) => {
    const command = join(folder, 'node_modules/.bin/typedo');
    const { stdout } = await run(process.execPath, [command, ...args], { cwd: folder, env });
    return stdout;
  };
  expect((await readdir(join(folder, 'node_modules'))).filter((name) => name[0] !== '.')).toEqual([
    '@typedo',
  ]);
  // zod is the service's, and more than all the rest.
  const licenses = join(folder, 'node_modules/@typedo/cli/THIRD-PARTY-LICENSES.txt');
  expect(await readFile(licenses, 'utf8')).not.toMatch(/^zod /m);
  expect(await typedo('--version')).toBe('0.1.0\n');
  expect(await typedo('add', 'Pay rent', '--due', 'tomorrow')).toMatch(/^Added .* Pay rent, due/);
  const tasks = JSON.parse(await typedo('list', '--json')) as Task[];
  expect(tasks).toMatchObject([{ title: 'Pay rent' }]);
  expect(await typedo('api')).toContain('tasks.list');
});
