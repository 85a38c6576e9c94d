import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What applying migrations takes. The production bundle holds these instead of reading them. */
export interface MigrationAssets {
  /** Prisma's schema engine, as WebAssembly. */
  engine: Uint8Array<ArrayBuffer>;
  /** Each migration's folder name and SQL, in order. */
  migrations: { name: string; sql: string }[];
}

const migrationsFolder = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

export async function readMigrationAssets(): Promise<MigrationAssets> {
  const { resolve } = createRequire(import.meta.url);
  const engineFolder = dirname(resolve('@prisma/schema-engine-wasm/schema_engine_bg'));
  const entries = await readdir(migrationsFolder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return {
    engine: new Uint8Array(await readFile(join(engineFolder, 'schema_engine_bg.wasm'))),
    migrations: await Promise.all(
      names.sort().map(async (name) => ({
        name,
        sql: await readFile(join(migrationsFolder, name, 'migration.sql'), 'utf8'),
      })),
    ),
  };
}
