import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../embedded/index.ts';
import type { TestDatabase } from './test-database.ts';

/** A PostgreSQL to make test databases on. */
export interface TestServer extends TestDatabase {
  stop(): Promise<void>;
}

/** The server that TEST_DATABASE_URL names, or one of the tests' own. */
export async function startTestServer(): Promise<TestServer> {
  const { TEST_DATABASE_URL: outside, TEST_DIRECT_DATABASE_URL: direct = outside } = process.env;
  if (outside && direct) return { url: outside, directUrl: direct, stop: async () => {} };
  const dataDir = await mkdtemp(join(tmpdir(), 'typedo-test-'));
  // PostgreSQL's own user, which it runs as where the tests run as root, must get in.
  await chmod(dataDir, 0o755);
  const embedded = await startEmbeddedPostgres({ dataDir });
  return {
    url: embedded.url,
    directUrl: embedded.directUrl,
    async stop() {
      await embedded.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}
