import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { launchBrowser, watch } from '../../../scripts/testing/browser.ts';
import { run, succeed } from '../../../scripts/testing/commands.ts';
import { freePort } from '../../../scripts/testing/free-port.ts';
import { fromCatalog, makeProject, pack } from '../../../scripts/testing/outside-project.ts';
import { call, openCall } from './exercise.ts';

const panel = join(import.meta.dirname, '..');

let folder: string;
let tarball: string;
/** What the README says, in files, and nothing else. */
let project: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'typedo-panel-'));
  await succeed(process.execPath, ['build.ts'], panel);
  tarball = await pack(join(panel, 'dist/package'), folder);
  project = join(folder, 'project');
  await makeProject(project, [
    tarball,
    ...(await fromCatalog(
      '@trpc/server',
      'zod',
      'fastify',
      'express',
      'typescript',
      '@types/node',
    )),
    '@types/express@5.0.6',
  ]);
  const readme = await readFile(join(project, 'node_modules/@typedo/panel/README.md'), 'utf8');
  for (const [, file = '', code = ''] of readme.matchAll(/```ts\n\/\/ (\S+)\n([^]*?)```/g)) {
    await mkdir(dirname(join(project, file)), { recursive: true });
    await writeFile(join(project, file), code);
  }
  return () => rm(folder, { recursive: true, force: true });
});

test.for(['fastify.ts', 'express.ts'])(
  'the panel works as the README mounts it in %s',
  async (file) => {
    const port = await freePort();
    const code = await readFile(join(project, file), 'utf8');
    await writeFile(join(project, file), code.replace('3000', String(port)));
    const server = spawn(process.execPath, [file], { cwd: project, stdio: 'inherit' });
    onTestFinished(async () => {
      server.kill();
      await once(server, 'exit');
    });
    const url = `http://localhost:${port}`;
    await expect
      .poll(() =>
        fetch(url).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(404);
    await using browser = await launchBrowser();
    const context = await browser.newContext();
    const found: string[] = [];
    await watch(context, url, found);
    const page = await context.newPage();
    await page.goto(`${url}/panel`);
    await openCall(page, 'greet', { name: 'Ann', mood: 'loud' });
    expect(await call(page)).toEqual({ outcome: 'OK', issues: [] });
    expect(await page.getByRole('region', { name: 'Result' }).innerText()).toContain('"HELLO Ann"');
    expect(found).toEqual([]);
    await openCall(page, 'greet', { name: '' });
    expect(await call(page)).toMatchObject({ outcome: 'BAD_REQUEST', issues: [{ path: 'name' }] });
  },
);

test('a handler of Next is the panel, and in production it is not there', async () => {
  const ask = `import { GET } from './app/panel/route.ts';
    const answer = await GET();
    console.log(answer.status, (await answer.text()).slice(0, 15));`;
  const args = ['--input-type=module', '--eval', ask];
  expect(await succeed(process.execPath, args, project)).toBe('200 <!doctype html>\n');
  const production = ['NODE_ENV=production', process.execPath, ...args];
  expect(await succeed('env', production, project)).toBe('404 Not found\n\n');
});

test('what the README has compiles, the types of the package too', async () => {
  const flags = ['--strict', '--noEmit', '--module', 'nodenext', '--allowImportingTsExtensions'];
  const tsc = join(project, 'node_modules/typescript/bin/tsc');
  const compile = (...args: string[]) =>
    run(process.execPath, [tsc, ...flags, '--types', 'node', ...args], project);
  // tRPC's adapters have types of a package that they do not bring.
  for (const args of [['app/panel/route.ts'], ['fastify.ts', 'express.ts', '--skipLibCheck']]) {
    expect(await compile(...args)).toEqual({ exitCode: 0, output: '' });
  }
});

test('publint and attw would change nothing of the package', async () => {
  const { messages } = await publint({
    pkgDir: join(project, 'node_modules/@typedo/panel'),
    strict: true,
  });
  expect(messages).toEqual([]);
  const attw = join(panel, 'node_modules/.bin/attw');
  const { exitCode, output } = await run(attw, [tarball, '--profile', 'esm-only'], folder);
  expect(exitCode, output).toBe(0);
});
