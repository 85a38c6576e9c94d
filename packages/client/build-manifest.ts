import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifest } from '@typedo/api';

/* Writes the router as data, for faces that have no server code behind them. */

const out = join(import.meta.dirname, 'dist/manifest');
await writeFile(`${out}.js`, `export const manifest = ${JSON.stringify(manifest, null, 2)};\n`);
await writeFile(
  `${out}.d.ts`,
  `import type { Manifest } from '@typedo/contract';
/** The router as data: procedures with their documentation, JSON Schemas and errors. */
export declare const manifest: Manifest;
`,
);
