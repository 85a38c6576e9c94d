import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What programs of a run inherit of its environment. */
export const { PATH } = process.env;

/** What those of the command line inherit: it halves the time that each of so many takes to start. */
export const cliEnv = {
  PATH,
  NODE_COMPILE_CACHE: join(tmpdir(), 'typedo-cli-compile-cache'),
};

/** Changes to the source that a server of a mutant makes while it loads it, as JSON. */
export const givenEdits = process.env.TYPEDO_EDITS ?? '[]';
