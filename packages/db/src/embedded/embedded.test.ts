import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { type EmbeddedPostgres, EmbeddedPostgresError, startEmbeddedPostgres } from './index.ts';

async function newDataDir(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'typedo-embedded-'));
  onTestFinished(async () => rm(parent, { recursive: true, force: true }));
  // For root's PostgreSQL, which is another user; the data folder is Typedo's to make.
  await chmod(parent, 0o755);
  return join(parent, 'data');
}

async function start(dataDir: string): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir });
  onTestFinished(async () => postgres.stop());
  return postgres;
}

async function query(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(sql);
    return result.rows;
  } finally {
    await client.end();
  }
}

async function postmasterPid({ clusterDir }: EmbeddedPostgres): Promise<number> {
  return Number.parseInt(await readFile(join(clusterDir, 'postmaster.pid'), 'utf8'), 10);
}

/** Runs a Typedo of its own that notes one line, and kills it once that is acknowledged. */
async function startAndKill(dataDir: string): Promise<void> {
  const script = `
    import { Client } from 'pg';
    import { startEmbeddedPostgres } from './index.ts';
    const { directUrl } = await startEmbeddedPostgres({ dataDir: process.argv[1] });
    const client = new Client({ connectionString: directUrl });
    await client.connect();
    await client.query("create table notes (body text); insert into notes values ('buy milk')");
    console.log('ready');
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, dataDir], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), exit]);
  expect(line).toBe('ready');
  child.kill('SIGKILL');
  await exit;
}

test('the first start gives a server login that row-level security binds, and a migrator', async () => {
  const { url, directUrl } = await start(await newDataDir());

  const roles = await query(
    url,
    `select rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolinherit,
       (select count(*)::int from pg_auth_members m where m.member = r.oid) as memberships
     from pg_roles r where rolname like 'typedo%' order by rolname`,
  );
  const bound = { rolcanlogin: true, rolsuper: false, rolbypassrls: false, memberships: 0 };
  expect(roles).toEqual([
    { ...bound, rolname: 'typedo', rolcreaterole: false, rolcreatedb: false, rolinherit: false },
    {
      ...bound,
      rolname: 'typedo_migrator',
      rolcreaterole: true,
      rolcreatedb: true,
      rolinherit: true,
    },
  ]);
  const owner = `select current_user::text as me, pg_get_userbyid(datdba)::text as owner,
    current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit
    from pg_database where datname = current_database()`;
  const durable = { owner: 'typedo_migrator', fsync: 'on', commit: 'on' };
  expect(await query(url, owner)).toEqual([{ me: 'typedo', ...durable }]);
  expect(await query(directUrl, owner)).toEqual([{ me: 'typedo_migrator', ...durable }]);
});

test('what was written before a stop is there after the next start', async () => {
  const dataDir = await newDataDir();
  const first = await start(dataDir);
  await query(first.directUrl, `create table notes as select 'buy milk' as body`);
  await Promise.all([first.stop(), first.stop()]);
  await expect(query(first.directUrl, 'select')).rejects.toThrow('ECONNREFUSED');

  const second = await start(dataDir);
  expect(await query(second.directUrl, 'select body from notes')).toEqual([{ body: 'buy milk' }]);
});

test('a second start on the same folder is refused in a sentence that names it', async () => {
  const dataDir = await newDataDir();
  const running = await start(dataDir);

  await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(
    new EmbeddedPostgresError(
      `Another Typedo is already running on DATA_DIR ${dataDir} (PostgreSQL process ` +
        `${await postmasterPid(running)}). Stop it first, or set DATA_DIR to another folder.`,
    ),
  );
  expect(await query(running.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('of two first starts at one moment, one gets the folder and the other is refused', async () => {
  const dataDir = await newDataDir();
  const both = await Promise.allSettled([start(dataDir), start(dataDir)]);

  const [winner] = both.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
  const refusals = both.flatMap((it) => (it.status === 'rejected' ? [String(it.reason)] : []));
  expect(refusals).toEqual([expect.stringContaining('Another Typedo is already running')]);
  expect(await query(winner?.url ?? '', 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('after Typedo was killed, the next start takes its PostgreSQL over with all data', async () => {
  const dataDir = await newDataDir();
  await startAndKill(dataDir);

  const postgres = await start(dataDir);
  const log = await readFile(join(postgres.clusterDir, 'postgres.log'), 'utf8');
  expect(log.match(/starting PostgreSQL/g)).toHaveLength(1);
  expect(await query(postgres.directUrl, 'select body from notes')).toEqual([{ body: 'buy milk' }]);
  await postgres.stop();
  await expect(postmasterPid(postgres)).rejects.toThrow('ENOENT');
});

test('after PostgreSQL was killed too, every acknowledged row is there', async () => {
  const dataDir = await newDataDir();
  await startAndKill(dataDir);
  const adopted = await start(dataDir);
  process.kill(await postmasterPid(adopted), 'SIGKILL');

  const postgres = await start(dataDir);
  expect(await query(postgres.directUrl, 'select body from notes')).toEqual([{ body: 'buy milk' }]);
});
