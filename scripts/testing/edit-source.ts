import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { givenEdits } from './env.ts';

/** A change to a source file: what stands there once, and what stands there instead. */
export interface Edit {
  /** From the root of the repository. */
  file: string;
  from: string;
  to: string;
}

// Imported before a server's own code: makes it a mutant.
const edits = JSON.parse(givenEdits) as Edit[];

registerHooks({
  load(url, context, nextLoad) {
    const own = edits.filter(({ file }) => url.endsWith(`/${file}`));
    if (own.length === 0) return nextLoad(url, context);
    const source = own.reduce(
      (text, { file, from, to }) => {
        if (text.split(from).length !== 2) throw new Error(`${file} does not have once: ${from}`);
        return text.replace(from, () => to);
      },
      readFileSync(fileURLToPath(url), 'utf8'),
    );
    return { format: 'module-typescript', source, shortCircuit: true };
  },
});
