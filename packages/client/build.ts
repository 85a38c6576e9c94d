import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { reference } from '../../scripts/reference.ts';
import { thirdPartyLicenses } from '../../scripts/third-party-licenses.ts';
import manifest from './package.json' with { type: 'json' };

/*
 * Makes dist/package, which is what is published: JavaScript and declarations of each entry, with
 * all of tRPC that they need inside, so that who installs it gets no other package and no server.
 * The declarations of this package and of those below it must have been built.
 */

const root = import.meta.dirname;
const out = join(root, 'dist/package');
const entries = { index: 'src/index.ts', react: 'src/react.ts', manifest: 'dist/manifest.js' };
const peers = Object.keys(manifest.peerDependencies);

/** Where published code and types may come from. All else, such as packages/db, is the server's. */
const origins = [
  /^packages\/(client|contract)\/(src|dist)\//,
  // The router's type, and what it says of procedures and errors; not their context.
  /^packages\/api\/dist\/(router|trpc|error-shape|\w+\/\w+\.router)\.d\.ts$/,
  /(^|\/)node_modules\/(@trpc\/(client|server|tanstack-react-query)|superjson|copy-anything|eventsource-parser)\//,
];
const serverWords = /prisma|fastify|better-auth|\bzod\b|\bnode:|\bUserContext\b/i;

const withoutComments = (code: string) => code.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');

/** Every package and file that a module imports, in whatever way a type or a value can. */
const importsOf = (code: string) =>
  [
    ...code.matchAll(
      /(?:\bfrom|\bimport|\b(?:import|require)\()\s*['"]([^'"]+)['"]|\/\/\/ *<reference.*/g,
    ),
  ].map(([whole, name]) => name ?? whole);

/** Throws when a file holds something of the server, or wants a package that its user may lack. */
function check(file: string, code: string, sources: string[]): void {
  const problems = [
    ...sources
      .map((source) => relative(join(root, '../..'), resolve(root, source)))
      .filter((source) => !origins.some((origin) => origin.test(source)))
      .map((source) => `holds code of ${source}`),
    ...importsOf(code)
      .filter((name) => !name.startsWith('./'))
      .filter((name) => !(file.startsWith('react.') && peers.includes(name)))
      .map((name) => `imports ${name}`),
    ...(serverWords.exec(withoutComments(code)) ?? []).map((word) => `mentions ${word}`),
  ];
  if (problems.length > 0) {
    throw new Error(`${file} cannot be published: it ${problems.slice(0, 5).join(', ')}.`);
  }
}

async function buildCode(): Promise<string[]> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: out,
    bundle: true,
    // Both entries share one TRPCClientError, so that `isTypedoError` knows the errors of hooks.
    splitting: true,
    chunkNames: 'shared',
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    external: peers,
    metafile: true,
    write: false,
  });
  const outputs = new Map(
    Object.entries(metafile.outputs).map(([path, { inputs }]) => [resolve(root, path), inputs]),
  );
  const used = new Set<string>();
  for (const { path, text } of outputFiles) {
    const sources = Object.entries(outputs.get(path) ?? {})
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([source]) => source);
    check(relative(out, path), text, sources);
    for (const source of sources) used.add(source);
    await writeFile(path, text);
  }
  return [...used];
}

async function buildTypes(): Promise<void> {
  const bundle = await rollup({
    input: Object.fromEntries(
      Object.keys(entries).map((entry) => [entry, join(root, `dist/${entry}.d.ts`)]),
    ),
    // tRPC's types name `ws`, whose JavaScript may lie about; check() refuses what would remain of it.
    // What the server's types lead to is looked at, and none of it is taken: check() sees to that.
    external: [...peers, 'ws', 'pg'],
    plugins: [
      dts({
        respectExternal: true,
        // `bundler`: with `nodenext` the plugin takes tRPC's CommonJS types beside its ESM ones.
        compilerOptions: { module: 99, moduleResolution: 100 },
      }),
    ],
    // Of modules that nothing is taken from, and of names that minimal chunks share: check() decides.
    onwarn: () => {},
  });
  const { output } = await bundle.generate({
    dir: out,
    format: 'es',
    entryFileNames: '[name].d.ts',
    // One copy of tRPC's types for both entries: their unique symbols and private fields do not mix.
    chunkFileNames: 'shared.d.ts',
    minifyInternalExports: false,
  });
  for (const chunk of output) {
    if (chunk.type === 'asset') continue;
    const sources = Object.entries(chunk.modules)
      .filter(([, { renderedLength }]) => renderedLength > 0)
      .map(([source]) => source);
    check(chunk.fileName, chunk.code, sources);
    await writeFile(join(out, chunk.fileName), chunk.code);
  }
  await bundle.close();
}

const entryOf = (name: string) => ({ types: `./${name}.d.ts`, default: `./${name}.js` });

const published = {
  name: manifest.name,
  version: manifest.version,
  description: 'Typed client of a Typedo server',
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  exports: {
    '.': entryOf('index'),
    './react': entryOf('react'),
    './manifest': entryOf('manifest'),
  },
  files: ['*.js', '*.d.ts', 'API.md', 'THIRD-PARTY-LICENSES.txt'],
  engines: { node: '>=20' },
  peerDependencies: manifest.peerDependencies,
  peerDependenciesMeta: manifest.peerDependenciesMeta,
};

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const [sources] = await Promise.all([buildCode(), buildTypes()]);
await writeFile(
  join(out, 'THIRD-PARTY-LICENSES.txt'),
  await thirdPartyLicenses(sources.map((source) => resolve(root, source))),
);
await writeFile(join(out, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
await writeFile(
  join(out, 'API.md'),
  await reference(join(out, 'index.d.ts'), join(root, 'tsconfig.reference.json')),
);
await writeFile(join(out, 'README.md'), await readFile(join(root, 'README.md')));
