import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { manifest } from '@typedo/api';
import { build } from 'esbuild';
import { publint } from 'publint';
import { beforeAll, describe, expect, test } from 'vitest';
import { startTestApp } from '../../../apps/server/test/harness.ts';
import { exampleOf } from '../../../apps/server/src/faces/rest/openapi-schemas.ts';
import { run, succeed } from '../../../scripts/testing/commands.ts';
import { fromCatalog, makeProject, pack } from '../../../scripts/testing/outside-project.ts';
import { copyWorkspace } from './workspace-copy.ts';

const workspace = join(import.meta.dirname, '../../..');
const fixtures = join(import.meta.dirname, 'consumer');

/** The compilers that callers may have, by their place in node_modules. */
const compilers = {
  '5.9': 'typescript-5.9/bin/tsc',
  '6': 'typescript-6/bin/tsc6',
  '7': 'typescript/bin/tsc',
};
const olderCompilers = [
  'typescript-5.9@npm:typescript@5.9.3',
  'typescript-6@npm:@typescript/typescript6@6.0.2',
];

let folder: string;
let tarball: string;
/** A project with the packed client and TypeScript, and one with React beside them. */
let plain: string;
let react: string;

async function makeConsumer(name: string, files: string[], packages: string[]): Promise<string> {
  const project = join(folder, name);
  await makeProject(project, packages);
  for (const file of files) await cp(join(fixtures, file), join(project, file));
  return project;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'typedo-consumer-'));
  await using copy = await copyWorkspace();
  const client = join(copy.root, 'packages/client');
  await succeed(process.execPath, ['build.ts'], client);
  tarball = await pack(join(client, 'dist/package'), folder);
  const configs = ['types.ts', 'tsconfig.nodenext.json', 'tsconfig.bundler.json'];
  const compiler = await fromCatalog('typescript', '@types/node');
  const ofReact = await fromCatalog('react', '@types/react', '@tanstack/react-query');
  [plain, react] = await Promise.all([
    makeConsumer(
      'plain',
      [...configs, 'main.ts', 'run.js'],
      [tarball, ...compiler, ...olderCompilers],
    ),
    makeConsumer(
      'react',
      [...configs, 'react.ts'],
      [tarball, ...compiler, ...olderCompilers, ...ofReact],
    ),
  ]);
  const readme = await readFile(join(published(), 'README.md'), 'utf8');
  await writeFile(join(plain, 'readme.ts'), /```ts\n([^]*?)```/.exec(readme)?.[1] ?? 'no example');
  return () => rm(folder, { recursive: true, force: true });
});

const published = () => join(plain, 'node_modules/@typedo/client');

describe('a project outside the workspace', () => {
  const check = (project: string, resolution: string, compiler: string, ...flags: string[]) => {
    const tsc = join(project, 'node_modules', compiler);
    return run(process.execPath, [tsc, '-p', `tsconfig.${resolution}.json`, ...flags], project);
  };
  const ways = Object.entries(compilers).flatMap(([version, compiler]) =>
    ['nodenext', 'bundler'].map((resolution) => [version, resolution, compiler] as const),
  );

  test.each(ways)(
    'compiles by TypeScript %s under %s, with every output typed, and so does the README',
    async (_, resolution, compiler) => {
      expect(await check(plain, resolution, compiler)).toEqual({ exitCode: 0, output: '' });
    },
  );

  // Older compilers take their time over React's types, which differ by nothing else.
  test.each(ways.filter(([version, resolution]) => version === '7' || resolution === 'bundler'))(
    'compiles a React page by TypeScript %s under %s',
    async (_, resolution, compiler) => {
      expect(await check(react, resolution, compiler)).toEqual({ exitCode: 0, output: '' });
    },
  );

  test('pays for calling every procedure with at most 25,000 instantiations', async () => {
    const calls = manifest.procedures.map(({ path, kind, input }) => {
      const required = Object.entries(input.properties ?? {}).filter(([name]) =>
        input.required?.includes(name),
      );
      const fields = required.map(([name, schema]) => {
        const value = JSON.stringify(exampleOf(schema));
        const isDate = JSON.stringify(schema).includes('date-time');
        return `${name}: ${isDate ? `new Date(${value})` : value}`;
      });
      const verb = { query: 'query', mutation: 'mutate', subscription: 'subscribe' }[kind];
      const callbacks = kind === 'subscription' ? ', {}' : '';
      return `export const ${path.replace('.', '_')} = await client.${path}.${verb}({ ${fields.join(', ')} }${callbacks});`;
    });
    const source = [
      "import { createClient } from '@typedo/client';",
      "const client = createClient({ url: 'http://localhost:4000' });",
      ...calls,
    ].join('\n');
    await writeFile(join(plain, 'every.ts'), source);
    const config = { extends: './tsconfig.nodenext.json', include: ['every.ts'] };
    await writeFile(join(plain, 'tsconfig.every.json'), JSON.stringify(config));
    const { exitCode, output } = await check(
      plain,
      'every',
      compilers['7'],
      // Else an empty file costs 31,000: what the compiler spends on its own libraries' declarations.
      '--skipLibCheck',
      '--extendedDiagnostics',
    );
    expect(exitCode, output).toBe(0);
    const instantiations = Number(/^Instantiations:\s+(\d+)/m.exec(output)?.[1]);
    expect(instantiations).toBeGreaterThan(0);
    expect(instantiations).toBeLessThanOrEqual(25_000);
  });

  test('gets no other package along with the client', async () => {
    const installed = await readdir(join(plain, 'node_modules'));
    const ofCompiler = [
      '@types',
      '@typescript',
      'typescript',
      'typescript-5.9',
      'typescript-6',
      'undici-types',
    ];
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
  test('has nothing that publint or attw would change', async () => {
    const { messages } = await publint({ pkgDir: published(), strict: true });
    expect(messages).toEqual([]);
    // Node's require() and TypeScript's oldest resolution are not served: it is modules throughout.
    const attw = join(workspace, 'packages/client/node_modules/.bin/attw');
    const { exitCode, output } = await run(attw, [tarball, '--profile', 'esm-only'], folder);
    expect(exitCode, output).toBe(0);
  });

  test('costs a page at most 17 kB, and with React 21 kB, compressed', async () => {
    const weigh = async (entry: string) => {
      const { outputFiles } = await build({
        stdin: { contents: `export * from '${entry}'`, resolveDir: react },
        bundle: true,
        minify: true,
        format: 'esm',
        external: ['react', '@tanstack/react-query'],
        write: false,
      });
      return gzipSync(outputFiles[0]?.contents ?? '').length;
    };
    expect(await weigh('@typedo/client')).toBeLessThan(17_000);
    expect(await weigh('@typedo/client/react')).toBeLessThan(21_000);
  });

  test('is code and types of three entries, and nothing else', async () => {
    expect((await readdir(published())).sort()).toEqual([
      'API.md',
      'README.md',
      'THIRD-PARTY-LICENSES.txt',
      'index.d.ts',
      'index.js',
      'manifest.d.ts',
      'manifest.js',
      'package.json',
      'react.d.ts',
      'react.js',
      'shared.d.ts',
      'shared.js',
      'shared2.d.ts',
    ]);
  });

  test('has the reference that API.md shows', async () => {
    const [shown, made] = await Promise.all(
      [join(workspace, 'packages/client'), published()].map((where) =>
        readFile(join(where, 'API.md'), 'utf8'),
      ),
    );
    const todo =
      'Run pnpm --filter @typedo/client build:package, and copy its dist/package/API.md.';
    expect(shown === made, todo).toBe(true);
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
