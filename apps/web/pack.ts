import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { dependenciesOf, thirdPartyLicenses } from '../../scripts/third-party-licenses.ts';

/*
 * After `next build`, makes dist: all that the web server needs on a machine with Node alone. That is
 * what Next found its pages to need, what browsers load, and server.ts in place of Next's own server.
 * It is started by `node dist/apps/web/server.js`.
 */

const root = import.meta.dirname;
const dist = join(root, 'dist');
const app = join(dist, 'apps/web');
const { config } = JSON.parse(
  await readFile(join(root, '.next/required-server-files.json'), 'utf8'),
) as { config: object };

await rm(dist, { recursive: true, force: true });
await cp(join(root, '.next/standalone'), dist, {
  recursive: true,
  verbatimSymlinks: true,
  filter: (source) => !/\.pnpm\/(sharp@|@img\+)/.test(source),
});
await cp(join(root, '.next/static'), join(app, '.next/static'), { recursive: true });
const licenses = await thirdPartyLicenses(dependenciesOf(join(root, 'package.json')));
await writeFile(join(dist, 'THIRD-PARTY-LICENSES.txt'), licenses);
await build({
  entryPoints: [join(root, 'server.ts')],
  outfile: join(app, 'server.js'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  external: ['next'],
  banner: {
    // Some dependencies are CommonJS and require Node's modules. Next is told its configuration as by
    // its own server: next.config.ts would need its compiler, which is not there.
    js: `import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);
process.env.__NEXT_PRIVATE_STANDALONE_CONFIG = ${JSON.stringify(JSON.stringify(config))};`,
  },
});
