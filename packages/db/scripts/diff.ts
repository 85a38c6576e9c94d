import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diffSchema } from '../src/migrate.ts';
import { withDirectUrl } from './connection.ts';

const root = join(import.meta.dirname, '../../..');
const [name, ...rest] = process.argv.slice(2);
if (!name || rest.length > 0 || (name !== '--check' && !/^[a-z][a-z0-9_]*$/.test(name))) {
  console.error('Usage: pnpm db:diff NAME (such as add_notes), or pnpm db:diff --check');
  process.exit(64);
}

const schema = await readFile(join(root, 'prisma/schema.prisma'), 'utf8');
const sql = await withDirectUrl((options) => diffSchema(options, schema));
if (name === '--check') {
  if (sql) {
    console.error(
      `prisma/schema.prisma is ahead of its migrations. Write one: pnpm db:diff NAME\n\n${sql}`,
    );
    process.exit(1);
  }
  console.log('The migrations make exactly the schema in prisma/schema.prisma.');
} else if (!sql) {
  console.log('Nothing to do: the migrations already make the schema in prisma/schema.prisma.');
} else {
  const stamp = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const folder = join('prisma/migrations', `${stamp}_${name}`);
  await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, folder, 'migration.sql'), sql);
  console.log(
    `Wrote ${folder}/migration.sql. Read it; a table of users' data also needs its policy, trigger ` +
      'and grants (docs/add-a-noun.md). Apply it: pnpm db:migrate',
  );
}
