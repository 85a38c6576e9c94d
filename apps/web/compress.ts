import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

// Run after `next build`: the smallest form of each file that browsers load, made once instead of
// per request. Brotli makes the scripts a seventh smaller than gzip, which is for plain http from
// another machine, where browsers do not ask for brotli.
const folder = join(import.meta.dirname, '.next/static');
const files = globSync('**/*.{js,css,json,svg,txt,ico}', { cwd: folder });

await Promise.all(
  files.map(async (file) => {
    const path = join(folder, file);
    const content = await readFile(path);
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    };
    await Promise.all([
      writeFile(`${path}.br`, await promisify(brotliCompress)(content, { params })),
      writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 })),
    ]);
  }),
);
