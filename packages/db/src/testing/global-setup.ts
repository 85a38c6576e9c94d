import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../embedded/index.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

const outsideServer = (): TestDatabase | undefined => {
  const { TEST_DATABASE_URL: url, TEST_DIRECT_DATABASE_URL: directUrl } = process.env;
  return url ? { url, directUrl: directUrl ?? url } : undefined;
};

const ownServer = async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'typedo-test-'));
  // PostgreSQL's own user, which it runs as where the tests run as root, must get in.
  await chmod(dataDir, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDir });
  return {
    url: postgres.url,
    directUrl: postgres.directUrl,
    async stop() {
      await postgres.stop();
      await rm(dataDir, { recursive: true });
    },
  };
};

/** PostgreSQL for the tests: their own, or the one that TEST_DATABASE_URL names. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const outside = outsideServer();
  const own = outside ? undefined : await ownServer();
  const server = outside ?? own;
  if (!server) throw new Error('There is no PostgreSQL to test on.');
  const database = await createTestDatabase(server).catch(async (error) => {
    await own?.stop();
    throw error;
  });
  project.provide('database', { url: database.url, directUrl: database.directUrl });
  return async () => {
    await database.drop();
    await own?.stop();
  };
}
