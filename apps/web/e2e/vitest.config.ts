import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = join(import.meta.dirname, '../../..');

export default defineConfig({
  test: {
    root,
    include: ['{apps,packages}/*/e2e/**/*.test.ts'],
    globalSetup: ['packages/db/src/testing/global-setup.ts'],
    // What is waited for comes; how soon depends on the machine.
    testTimeout: 300_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 120_000 } },
    // Each file has a browser and two servers.
    maxWorkers: 2,
  },
});
