import { startTestServer, type TestServer } from '@typedo/db/testing/server';

/** What the programs of a run inherit of its environment. */
export const { PATH } = process.env;

/** The PostgreSQL that DATABASE_URL names, or one of the run's own. */
export async function startPostgres(): Promise<TestServer> {
  const { DATABASE_URL: url, DIRECT_DATABASE_URL: directUrl = url } = process.env;
  return url && directUrl ? { url, directUrl, stop: async () => {} } : startTestServer();
}
