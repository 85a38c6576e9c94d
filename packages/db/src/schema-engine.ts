import { setTimeout as wait } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
} from '@prisma/driver-adapter-utils';
import * as engineModule from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { type Migration, readSchemaEngine } from './migration-assets.ts';
import { DatabaseSetupError, schemaRole } from './roles.ts';

// PostgreSQL's catalogue has columns of the type "char", which the engine reads and the adapter
// refuses: they pass it as arrays, which the engine asks for nowhere. Can go when prisma's
// fieldToColumnType knows type 18.
const charOid = 18;
const charArrayOid = 1002;

// Whoever comes after a statement that waits for a table's lock waits behind it. So migrations wait
// for less than deadlock_timeout, too, and try for longer than any transaction of the service lasts.
const lockTimeoutMs = 100;
const pauseMs = 500;
const tries = 120;

const isLocked = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === '55P03';

/** Runs a script as one transaction, which waits for locks in short turns. */
async function runInTurns(run: (script: string) => Promise<unknown>, script: string) {
  // It locks nobody out, can be in no transaction, and would leave half an index behind.
  if (/\bconcurrently\b/i.test(script)) return run(script);
  for (let n = 0; n < tries; n += 1) {
    try {
      return await run(`set local lock_timeout = ${lockTimeoutMs};\n${script}`);
    } catch (error) {
      if (!isLocked(error)) throw error;
      await wait(pauseMs);
    }
  }
  // As if not begun: one that failed is in the way of each start until somebody resolves it.
  await run('delete from _prisma_migrations where finished_at is null and rolled_back_at is null');
  throw new DatabaseSetupError(
    'A migration gave up on a table that a transaction keeps locked, and changed nothing: ' +
      'pg_stat_activity has the transaction. End it, and migrate again.',
  );
}

/** An adapter on a pool that ends with it. */
const adapterFor = async (pool: pg.Pool, onDispose?: () => Promise<unknown>) => {
  const query = pool.query.bind(pool);
  Object.assign(pool, {
    async query(statement: pg.QueryArrayConfig): Promise<pg.QueryArrayResult> {
      const result = await query(statement);
      for (const field of result.fields) {
        if (field.dataTypeID === charOid) field.dataTypeID = charArrayOid;
      }
      return result;
    },
  });
  const adapter: SqlDriverAdapter = await new PrismaPg(pool).connect();
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (statement) => {
    const { columnTypes, ...result } = await queryRaw(statement);
    const { Character, CharacterArray } = ColumnTypeEnum;
    return {
      ...result,
      columnTypes: columnTypes.map((type) => (type === CharacterArray ? Character : type)),
    };
  };
  // The adapter's own splits a script at each semicolon, also within function bodies.
  adapter.executeScript = async (script) => void (await runInTurns(query, script));
  adapter.dispose = async () => {
    await pool.end();
    await onDispose?.();
  };
  return adapter;
};

const connectionLimits = { max: 2, connectionTimeoutMillis: 5000 };

/** Connections that act as the schema's role, in `database` or in the one that the URL names. */
const schemaPool = (url: string, database?: string) => {
  const connectionString = new URL(url);
  if (database) connectionString.pathname = `/${database}`;
  // Beside what the URL asks for itself, which would win over a setting of the pool's.
  const options = connectionString.searchParams.get('options') ?? '';
  connectionString.searchParams.set('options', `${options} -c role=${schemaRole}`.trim());
  return new pg.Pool({ connectionString: connectionString.href, ...connectionLimits });
};

const shadowAdapter = async (url: string): Promise<SqlDriverAdapter> => {
  const name = `typedo_shadow_${crypto.randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Pool({ connectionString: url, ...connectionLimits });
  await admin.query(`create database ${name}`);
  await admin.query(`grant create on database ${name} to ${schemaRole}`);
  const inShadow = new URL(url);
  inShadow.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: inShadow.href });
  await client.connect();
  await client.query(`grant usage, create on schema public to ${schemaRole}`);
  await client.end();
  return adapterFor(schemaPool(url, name), async () => {
    await admin.query(`drop database ${name}`);
    await admin.end();
  });
};

// Node has it; @types/node leaves its types to the browser's library.
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array<ArrayBuffer>,
    imports: { './schema_engine_bg.js': typeof engineModule },
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

let loading: Promise<void> | undefined;
const load = async (): Promise<void> => {
  const { instance } = await WebAssembly.instantiate(await readSchemaEngine(), {
    './schema_engine_bg.js': engineModule,
  });
  engineModule.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
};

/** What the engine's commands are given: itself, the migrations, and that it minds every table. */
interface EngineInput {
  engine: engineModule.SchemaEngine;
  migrationsList: engineModule.MigrationList;
  filters: engineModule.SchemaFilter;
}

/** Runs `work` with Prisma's schema engine on the database at `url`. */
export async function withSchemaEngine<Result>(
  url: string,
  migrations: Migration[],
  work: (input: EngineInput) => Promise<Result>,
): Promise<Result> {
  await (loading ??= load());
  const main = await adapterFor(schemaPool(url));
  const factory = bindMigrationAwareSqlAdapterFactory({
    provider: 'postgres',
    adapterName: main.adapterName,
    connect: async () => main,
    connectToShadowDb: () => shadowAdapter(url),
  });
  const migrationsList: engineModule.MigrationList = {
    baseDir: 'prisma/migrations',
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
    })),
  };
  const engine = await engineModule.SchemaEngine.new({ datamodels: undefined }, () => {}, factory);
  try {
    const filters = { externalTables: [], externalEnums: [] };
    return await work({ engine, migrationsList, filters });
  } catch (error) {
    // What a script came to, the engine tells by a number alone.
    const [message, id] = /external error id#(\d+)[^]*/i.exec(String(error)) ?? [];
    const refusal = factory.errorRegistry.consumeError(Number(id))?.error;
    if (!(refusal instanceof Error)) throw error;
    if (refusal instanceof DatabaseSetupError) throw refusal;
    throw new Error(`${refusal.message}\n${message}`, { cause: error });
  } finally {
    engine.free();
    await main.dispose();
  }
}
