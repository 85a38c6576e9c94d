import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { startTestApp } from '../../../apps/server/test/harness.ts';
import { run, succeed } from './commands.ts';
import { copyWorkspace } from './workspace-copy.ts';

const workspace = join(import.meta.dirname, '../../..');
const fixtures = join(import.meta.dirname, 'consumer');

/** Exact versions for npm: those that the workspace itself uses. */
const fromCatalog = async (...names: string[]): Promise<string[]> => {
  const catalog = await readFile(join(workspace, 'pnpm-workspace.yaml'), 'utf8');
  return names.map((name) => {
    const version = new RegExp(`^  '?${name}'?: (\\S+)$`, 'm').exec(catalog)?.[1];
    if (version === undefined) throw new Error(`The catalog has no ${name}.`);
    return `${name}@${version}`;
  });
};

let folder: string;
/** A project with the packed client and TypeScript, and one with React beside them. */
let plain: string;
let react: string;

async function makeProject(name: string, files: string[], packages: string[]): Promise<string> {
  const project = join(folder, name);
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  for (const file of files) await cp(join(fixtures, file), join(project, file));
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await succeed('npm', ['install', ...quietly, ...packages], project);
  return project;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'typedo-consumer-'));
  await using copy = await copyWorkspace();
  const client = join(copy.root, 'packages/client');
  await succeed(process.execPath, ['build.ts'], client);
  const [packed] = JSON.parse(
    await succeed(
      'npm',
      ['pack', '--json', '--pack-destination', folder, './dist/package'],
      client,
    ),
  ) as { filename: string }[];
  const tarball = join(folder, packed?.filename ?? 'none');
  const configs = ['types.ts', 'tsconfig.nodenext.json', 'tsconfig.bundler.json'];
  const compiler = await fromCatalog('typescript', '@types/node');
  const ofReact = await fromCatalog('react', '@types/react', '@tanstack/react-query');
  [plain, react] = await Promise.all([
    makeProject('plain', [...configs, 'main.ts', 'run.js'], [tarball, ...compiler]),
    makeProject('react', [...configs, 'react.ts'], [tarball, ...compiler, ...ofReact]),
  ]);
  const readme = await readFile(join(published(), 'README.md'), 'utf8');
  await writeFile(join(plain, 'readme.ts'), /```ts\n([^]*?)```/.exec(readme)?.[1] ?? 'no example');
  return () => rm(folder, { recursive: true, force: true });
});

const published = () => join(plain, 'node_modules/@typedo/client');

describe('a project outside the workspace', () => {
  const check = (project: string, resolution: string) =>
    run(
      process.execPath,
      [join(project, 'node_modules/typescript/bin/tsc'), '-p', `tsconfig.${resolution}.json`],
      project,
    );

  test.each(['nodenext', 'bundler'])(
    'compiles against the installed client under %s, with every output typed, and so does the README',
    async (resolution) => {
      expect(await check(plain, resolution)).toEqual({ exitCode: 0, output: '' });
    },
  );

  test.each(['nodenext', 'bundler'])(
    'compiles a React page against it under %s',
    async (resolution) => {
      expect(await check(react, resolution)).toEqual({ exitCode: 0, output: '' });
    },
  );

  test('gets no other package along with the client', async () => {
    const installed = await readdir(join(plain, 'node_modules'));
    const ofCompiler = ['@types', '@typescript', 'typescript', 'undici-types'];
    expect(installed.filter((name) => !name.startsWith('.') && !ofCompiler.includes(name))).toEqual(
      ['@typedo'],
    );
  });

  test('signs up, makes a task and reads it back over the wire', async () => {
    await using app = await startTestApp();
    const output = await succeed(process.execPath, ['run.js', app.url], plain);
    expect(JSON.parse(output)).toEqual({
      isDate: true,
      titles: ['Buy milk'],
      code: 'TASK_NOT_FOUND',
    });
  });
});

describe('the published package', () => {
  test('is code and types of two entries, and nothing else', async () => {
    expect((await readdir(published())).sort()).toEqual([
      'README.md',
      'THIRD-PARTY-LICENSES.txt',
      'index.d.ts',
      'index.js',
      'package.json',
      'react.d.ts',
      'react.js',
      'shared.d.ts',
      'shared.js',
    ]);
  });

  test('depends on nothing, and on React only where it is used', async () => {
    const manifest = JSON.parse(await readFile(join(published(), 'package.json'), 'utf8')) as {
      dependencies?: object;
      peerDependenciesMeta: object;
    };
    expect(manifest.dependencies).toBeUndefined();
    expect(manifest.peerDependenciesMeta).toEqual({
      '@tanstack/react-query': { optional: true },
      react: { optional: true },
    });
    for (const file of ['index.js', 'index.d.ts', 'shared.js', 'shared.d.ts']) {
      const code = await readFile(join(published(), file), 'utf8');
      expect(code.match(/\bfrom ["'](?!\.\/)[^"']+/g), `${file} imports`).toBeNull();
    }
  });

  test('holds no server: neither its code nor its types', async () => {
    const files = await readdir(published());
    for (const file of files.filter((name) => /\.(js|d\.ts)$/.test(name))) {
      const code = (await readFile(join(published(), file), 'utf8')).replaceAll(
        /\/\*[^]*?\*\/|^\s*\/\/.*$/gm,
        '',
      );
      for (const word of [/prisma/i, /fastify/i, /better-auth/, /\bzod\b/, /\bnode:/, /\bpg\b/]) {
        expect(code, `in ${file}`).not.toMatch(word);
      }
      expect(code, `in ${file}`).not.toMatch(/UserContext|forUser|DATABASE_URL|owner_id/);
    }
  });
});
