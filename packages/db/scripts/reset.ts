import { createInterface } from 'node:readline/promises';
import { dropSchema, migrate } from '../src/migrate.ts';
import { main, withDatabase } from './connection.ts';
import { dataDir, directDatabaseUrl } from './env.ts';

const isConfirmed = async (): Promise<boolean> => {
  if (process.argv.includes('--yes')) return true;
  const where = directDatabaseUrl
    ? `${new URL(directDatabaseUrl).host}${new URL(directDatabaseUrl).pathname}`
    : dataDir;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Delete all data of all users in ${where}? Type yes: `);
  terminal.close();
  return answer.trim() === 'yes';
};

await main(async () => {
  if (!(await isConfirmed())) {
    console.log('Nothing was deleted.');
    return;
  }
  await withDatabase(async (options) => {
    await dropSchema(options);
    await migrate(options);
  });
  console.log('The database is empty, with all migrations applied.');
});
