import { backupEmbeddedPostgres } from '../src/embedded/backup.ts';
import { main } from './connection.ts';
import { dataDir, databaseUrl } from './env.ts';

await main(async () => {
  const [into, ...rest] = process.argv.slice(2);
  if (!into || rest.length > 0 || into.startsWith('-')) {
    console.error('Usage: pnpm backup DIR (a folder that is not there yet, or empty)');
    process.exitCode = 64;
    return;
  }
  if (databaseUrl) {
    console.error(
      'DATABASE_URL is set, and this copies the embedded PostgreSQL alone: see docs/backup.md.',
    );
    process.exitCode = 1;
    return;
  }
  await backupEmbeddedPostgres({ dataDir, into });
  console.log(`Copied ${dataDir}: to use the copy, start with DATA_DIR=${into}`);
});
