import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diffSchema } from '../src/migrate.ts';
import { main, withScratchDatabase } from './connection.ts';

const root = join(import.meta.dirname, '../../..');

const check = (sql: string | null): void => {
  if (sql === null) {
    console.log('The migrations make exactly the schema in prisma/schema.prisma.');
    return;
  }
  console.error(`prisma/schema.prisma is ahead of its migrations: run pnpm db:diff NAME\n\n${sql}`);
  process.exitCode = 1;
};

const write = async (name: string, sql: string | null): Promise<void> => {
  if (sql === null) {
    console.log('Nothing to do: the migrations make the schema in prisma/schema.prisma already.');
    return;
  }
  const stamp = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const folder = join('prisma/migrations', `${stamp}_${name}`);
  await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, folder, 'migration.sql'), sql);
  console.log(`Wrote ${folder}/migration.sql. Read it, then apply it: pnpm db:migrate`);
};

await main(async () => {
  const [name, ...rest] = process.argv.slice(2);
  if (!name || rest.length > 0 || !/^(--check|[a-z][a-z0-9_]*)$/.test(name)) {
    console.error('Usage: pnpm db:diff NAME (such as add_notes), or pnpm db:diff --check');
    process.exitCode = 64;
    return;
  }
  const schema = await readFile(join(root, 'prisma/schema.prisma'), 'utf8');
  const sql = await withScratchDatabase((options) => diffSchema(options, schema));
  await (name === '--check' ? check(sql) : write(name, sql));
});
