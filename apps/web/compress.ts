import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

// Run after `next build`: the smallest form of each file that browsers load, made once instead of
// per request. Brotli makes the scripts a seventh smaller than gzip, which is for plain http from
// another machine, where browsers do not ask for brotli.
const folder = join(import.meta.dirname, '.next/static');
// Tells the browser to compile a script's functions while it loads, off the main thread. Otherwise
// it compiles them one by one when React starts: 120 ms of a phone's main thread in one piece.
// See https://v8.dev/blog/explicit-compile-hints
const compileHint = Buffer.from('//# allFunctionsCalledOnLoad\n');
const files = globSync('**/*.{js,css,json,svg,txt,ico}', { cwd: folder });

await Promise.all(
  files.map(async (file) => {
    const path = join(folder, file);
    const source = await readFile(path);
    const content = file.endsWith('.js') ? Buffer.concat([compileHint, source]) : source;
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    };
    await Promise.all([
      writeFile(path, content),
      writeFile(`${path}.br`, await promisify(brotliCompress)(content, { params })),
      writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 })),
    ]);
  }),
);
