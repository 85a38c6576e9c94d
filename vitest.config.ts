import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/{src,test}/**/*.test.ts', 'apps/*/{src,test}/**/*.test.ts'],
    globalSetup: ['packages/db/src/testing/global-setup.ts'],
    // Most tests wait for a server or a database of their own: one at a time leaves a core idle.
    maxWorkers: 2,
    // What is waited for comes; how soon depends on the machine.
    testTimeout: 300_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 30_000 } },
    coverage: {
      include: ['packages/api/src/**', 'packages/auth/src/**'],
      exclude: ['**/*.test.ts', '**/testing.ts'],
      reporter: ['text-summary', 'html'],
      thresholds: { lines: 90, branches: 90 },
    },
  },
});
