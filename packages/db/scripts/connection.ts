import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgresError, startEmbeddedPostgres } from '../src/embedded/index.ts';
import { DatabaseSetupError, type MigrateOptions } from '../src/migrate.ts';
import { dataDir, databaseUrl, directDatabaseUrl } from './env.ts';

type Work<Result> = (options: MigrateOptions) => Promise<Result>;

const withEmbedded = async <Result>(folder: string, work: Work<Result>): Promise<Result> => {
  const postgres = await startEmbeddedPostgres({ dataDir: folder });
  try {
    return await work(postgres);
  } finally {
    await postgres.stop();
  }
};

/** Works on the database that the server would use. */
export const withDatabase = <Result>(work: Work<Result>): Promise<Result> =>
  databaseUrl && directDatabaseUrl
    ? work({ url: databaseUrl, directUrl: directDatabaseUrl })
    : withEmbedded(dataDir, work);

/** Works on an empty database of its own, which goes away again: beside a server that runs. */
export async function withScratchDatabase<Result>(work: Work<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'typedo-scratch-'));
  await chmod(folder, 0o755);
  try {
    return await withEmbedded(folder, work);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a script; what its user can mend is told in a sentence. */
export async function main(script: () => Promise<void>): Promise<void> {
  try {
    await script();
  } catch (error) {
    const isExpected =
      error instanceof DatabaseSetupError || error instanceof EmbeddedPostgresError;
    console.error(isExpected ? error.message : error);
    process.exitCode = 1;
  }
}
