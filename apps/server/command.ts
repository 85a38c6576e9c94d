import { join } from 'node:path';

// By itself V8 lets a heap grow with the machine: to 310 MB under 1,000 busy connections.
// `--optimize-for-size` would spare another 25 MB, for half as much CPU again.
const flags = [
  // What calls leave behind is collected after 8 MB of it, not 16.
  '--max-semi-space-size=8',
  // What outlives that is collected when it has grown to three times: 170 MB under 1,000 connections.
  // At 60 % more it would be 120, for 9 % more CPU, and every other long body would have the whole heap
  // collected, while calls wait: p99 under abuse 15 ms, not 8. No limit is set: a process that reaches
  // one ends.
  '--heap-growing-percent=200',
  // Hot functions are compiled one after the other. Side by side they leave 3 to 20 MB to malloc, more
  // or less by chance, for 2 to 5 % less CPU until all are compiled, and the same CPU from then on. Of
  // the first ten seconds of load, p99 is 18 ms so, and would be 9.
  '--no-concurrent-recompilation',
  // V8 decides once, by what the first calls happened to leave behind, which objects are made as old
  // ones. It is wrong in every other start: short-lived ones then keep others alive until the whole
  // heap is collected, and each call costs half as much again.
  '--no-allocation-site-pretenuring',
];

/** How the server is started as it is in production, by Node, with what must be there before it runs. */
export const serverCommand = {
  args: [...flags, join(import.meta.dirname, 'dist/main.js')],
  // glibc keeps what V8's threads give back in an arena for each.
  env: { MALLOC_ARENA_MAX: '2' },
};
