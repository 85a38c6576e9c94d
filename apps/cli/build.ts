import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { thirdPartyLicenses } from '../../scripts/third-party-licenses.ts';
import manifest from './package.json' with { type: 'json' };

/*
 * Makes dist/package, which is what is published: the command with all that it needs inside, in
 * pieces, so that what few commands need is loaded by these alone.
 */

const root = import.meta.dirname;
const out = join(root, 'dist/package');

const published = {
  name: manifest.name,
  version: manifest.version,
  description: 'Your tasks, on the command line',
  license: 'MIT',
  type: 'module',
  bin: { typedo: 'typedo.js' },
  files: ['*.js', 'THIRD-PARTY-LICENSES.txt'],
  engines: { node: '>=20' },
};

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { typedo: 'src/main.ts' },
  outdir: out,
  bundle: true,
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  metafile: true,
});
const sources = Object.values(metafile.outputs)
  .flatMap(({ inputs }) => Object.entries(inputs))
  .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  .map(([file]) => resolve(root, file));
await writeFile(join(out, 'THIRD-PARTY-LICENSES.txt'), await thirdPartyLicenses(sources));
await writeFile(join(out, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
await writeFile(join(out, 'README.md'), await readFile(join(root, 'README.md')));
