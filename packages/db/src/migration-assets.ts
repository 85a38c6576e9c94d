import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The production bundle has both in other places: see apps/server/build.ts.

/** A migration's folder name, and its SQL. */
export interface Migration {
  name: string;
  sql: string;
}

const migrationsFolder = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

/** All migrations, in order. */
export async function readMigrations(): Promise<Migration[]> {
  const entries = await readdir(migrationsFolder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => ({
      name,
      sql: await readFile(join(migrationsFolder, name, 'migration.sql'), 'utf8'),
    })),
  );
}

/** Prisma's schema engine, as WebAssembly. */
export async function readSchemaEngine(): Promise<Uint8Array<ArrayBuffer>> {
  const { resolve } = createRequire(import.meta.url);
  const engineFolder = dirname(resolve('@prisma/schema-engine-wasm/schema_engine_bg'));
  return new Uint8Array(await readFile(join(engineFolder, 'schema_engine_bg.wasm')));
}
