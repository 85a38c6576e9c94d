import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import manifest from './package.json' with { type: 'json' };

/*
 * Makes dist/package, which is what is published: one module with the page inside, and its types.
 * `pnpm build` must have made the page and the declarations.
 */

const root = import.meta.dirname;
const out = join(root, 'dist/package');

const published = {
  name: manifest.name,
  version: manifest.version,
  description: 'A panel that lists and calls the procedures of any tRPC 11 router',
  keywords: ['trpc', 'panel', 'playground', 'standard-schema', 'zod'],
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  exports: { '.': { types: './index.d.ts', default: './index.js' } },
  files: ['index.js', 'index.d.ts', 'panel.png', 'THIRD-PARTY-LICENSES.txt'],
  engines: { node: '>=20' },
  peerDependencies: manifest.peerDependencies,
  peerDependenciesMeta: manifest.peerDependenciesMeta,
};

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: ['src/index.ts'],
  outfile: join(out, 'index.js'),
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  charset: 'utf8',
  logLevel: 'warning',
});
const types = await rollup({
  input: join(root, 'dist/index.d.ts'),
  external: Object.keys(manifest.peerDependencies),
  plugins: [dts()],
});
await types.write({ file: join(out, 'index.d.ts'), format: 'es' });
await types.close();
await writeFile(join(out, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
for (const file of ['README.md', 'panel.png', 'dist/THIRD-PARTY-LICENSES.txt']) {
  await cp(join(root, file), join(out, basename(file)));
}
