import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/{src,test}/**/*.test.ts', 'apps/*/{src,test}/**/*.test.ts'],
    globalSetup: ['packages/db/src/testing/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // What is waited for comes; how soon depends on the machine.
    expect: { poll: { timeout: 30_000 } },
    coverage: {
      include: ['packages/api/src/**', 'packages/auth/src/**'],
      exclude: ['**/*.test.ts', '**/testing.ts'],
      reporter: ['text-summary', 'html'],
      thresholds: { lines: 90, branches: 90 },
    },
  },
});
