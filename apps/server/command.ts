import { join } from 'node:path';

// By itself V8 lets a heap grow with the machine: to 350 MB under 1,000 connections, most of it dead.
// `--optimize-for-size` would spare another 25 MB, for half as much CPU again.
const flags = [
  // What calls leave behind is collected after 8 MB of it, not 16.
  '--max-semi-space-size=8',
  // What outlives that is collected when it has grown by a fifth, not to four times. No limit is set:
  // a process that reaches one ends.
  '--heap-growing-percent=20',
];

/** How the server is started as it is in production, by Node, with what must be there before it runs. */
export const serverCommand = {
  args: [...flags, join(import.meta.dirname, 'dist/main.js')],
  // glibc keeps what V8's threads give back in an arena for each.
  env: { MALLOC_ARENA_MAX: '2' },
};
