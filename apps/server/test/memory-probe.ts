import { setImmediate } from 'node:timers/promises';

// Loaded before the server with --expose-gc: tells its parent what it holds, garbage apart.
const tell = async (): Promise<void> => {
  globalThis.gc?.();
  // Buffers outside the heap are given back a turn after what referred to them.
  await setImmediate();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send?.({ held: heapUsed + external, resident: rss });
};
process.on('message', () => void tell());
process.channel?.unref();
