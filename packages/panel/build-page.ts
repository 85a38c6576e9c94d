import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { thirdPartyLicenses } from '../../scripts/third-party-licenses.ts';

/*
 * Bundles the page into dist/page.js, as two texts: so the panel is one module wherever it is
 * mounted, and finds no file at run time. Beside it goes whose code it holds.
 */

const root = import.meta.dirname;
const out = join(root, 'dist');

const { outputFiles, metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['page/main.tsx', 'page/style.css'],
  outdir: 'dist',
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  jsx: 'automatic',
  charset: 'utf8',
  define: { 'process.env.NODE_ENV': '"production"' },
  // The form library brings Markdown for descriptions, a sixth of the page; ours are plain text.
  alias: { 'markdown-to-jsx/react': join(root, 'page/plain-text.ts') },
  metafile: true,
  write: false,
  logLevel: 'warning',
});
const textOf = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
await mkdir(out, { recursive: true });
await writeFile(
  join(out, 'page.js'),
  `export const script = ${JSON.stringify(textOf('.js'))};\nexport const style = ${JSON.stringify(textOf('.css'))};\n`,
);
await writeFile(
  join(out, 'page.d.ts'),
  '/** The page’s code. */\nexport declare const script: string;\n/** The page’s style sheet. */\nexport declare const style: string;\n',
);
await writeFile(
  join(out, 'THIRD-PARTY-LICENSES.txt'),
  await thirdPartyLicenses(Object.keys(metafile.inputs).map((file) => join(root, file))),
);
