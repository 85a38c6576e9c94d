import type { TestProject } from 'vitest/node';
import { createTestDatabase } from './test-database.ts';
import { startTestServer } from './test-server.ts';

/** PostgreSQL for the tests: their own, or the one that TEST_DATABASE_URL names. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestServer();
  const database = await createTestDatabase(server).catch(async (error) => {
    await server.stop();
    throw error;
  });
  project.provide('database', { url: database.url, directUrl: database.directUrl });
  return async () => {
    await database.drop();
    await server.stop();
  };
}
