import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createClient, type Session, signIn, signUp, type TypedoClient } from '@typedo/client';
import { catalogueFindings } from '@typedo/db/catalogue';
import type pg from 'pg';
import { type Run, startServer } from '../apps/server/test/server-process.ts';
import { all, atLeast, type Figure, none, report } from './figures.ts';
import { type DebianPostgres, debianPostgres } from './testing/debian-postgres.ts';
import { differences, readLog, readTables, replay } from './testing/log.ts';
import { connect } from './testing/world.ts';

// `pnpm backup:drill`: the commands of docs/backup.md, run as they are written there on Debian's
// PostgreSQL 15, while the service is written to, and what they bring back after all is deleted.

const { values } = parseArgs({ options: { full: { type: 'boolean' }, json: { type: 'string' } } });
const size = values.full ? { users: 10, tasksEach: 5000 } : { users: 3, tasksEach: 50 };
const page = await readFile(join(import.meta.dirname, '../docs/backup.md'), 'utf8');
const figures: Figure[] = [];

/** By name. */
type Sessions = Map<string, Session>;

/** The commands below a heading. */
const commandsOf = (heading: string): string => {
  const [, section = ''] = page.split(`\n### ${heading}\n`);
  const [, commands] = /^[^#]*?```sh\n(.*?)```/s.exec(section) ?? [];
  if (commands === undefined) throw new Error(`docs/backup.md has no commands to ${heading}.`);
  return commands;
};

const seconds = async (name: string, work: () => Promise<unknown>): Promise<void> => {
  const begun = performance.now();
  await work();
  const value = ((performance.now() - begun) / 1000).toFixed(1);
  figures.push({ name: `${name}, seconds`, value, goal: 'stated', isMet: true });
};

/** How many rows each table has, and a hash of them all. */
async function tablesOf(administrator: pg.Client): Promise<Map<string, string>> {
  const { rows: tables } = await administrator.query<{ name: string }>(
    `select format('%I', tablename) as name from pg_tables where schemaname = 'public'`,
  );
  const found = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await administrator.query<{ told: string }>(
      `select format('%s rows, %s', count(*), md5(string_agg(row, '' order by row))) as told
      from (select md5(t::text) as row from ${name} t) as rows`,
    );
    found.set(name, rows[0]?.told ?? '');
  }
  return found;
}

function compare(what: string, before: Map<string, string>, after: Map<string, string>): void {
  const alike = [...before].filter(([name, told]) => after.get(name) === told);
  for (const [name, told] of before) {
    if (after.get(name) !== told) console.log(`${what}: ${name}: ${told}, now ${after.get(name)}`);
  }
  const rows = [...before.values()].reduce((sum, told) => sum + Number.parseInt(told, 10), 0);
  figures.push(all(`${what}, tables alike with their ${rows} rows`, alike.length, before.size));
}

/** Writes as each user, one thing after another, until the work is done. */
async function whileWriting(clients: TypedoClient[], work: () => Promise<unknown>): Promise<void> {
  const working = new AbortController();
  const writing = clients.map(async ({ tasks }) => {
    while (!working.signal.aborted) {
      const { id } = await tasks.create.mutate({ title: 'written meanwhile' });
      await tasks.complete.mutate({ id });
    }
  });
  const worked = work().finally(() => working.abort());
  await Promise.all([worked, ...writing]);
}

async function logFindings(operator: pg.Client): Promise<string[]> {
  const { rows: owners } = await operator.query<{ id: string }>('select id from owners');
  const found: string[] = [];
  for (const { id } of owners) {
    const { rows, findings } = replay(await readLog(operator, id));
    found.push(...findings, ...differences('log', rows, await readTables(operator, id)));
  }
  return found;
}

/** Waits until what was written so far is in the archive. */
async function archived(administrator: pg.Client): Promise<void> {
  const { rows } = await administrator.query<{ last: string }>(
    'select pg_walfile_name(pg_switch_wal()) as last',
  );
  for (;;) {
    const { rows: told } = await administrator.query<{ isDone: boolean; failed: number }>(
      `select coalesce(last_archived_wal >= $1, false) as "isDone", failed_count::int as failed
      from pg_stat_archiver`,
      [rows[0]?.last],
    );
    if (told[0]?.isDone) return;
    if (told[0]?.failed) throw new Error('The log cannot be archived.');
    await wait(50);
  }
}

const secrets = { typedo: 'of-the-service', typedo_migrator: 'of-the-migrator' };
const backupLogin = { PGUSER: 'typedo_backup', PGPASSWORD: 'of-the-backup' };
const passwordOf = (name: string): string => `password of ${name}`;
const emailOf = (name: string): string => `${name}@example.com`;

const serve = async (postgres: DebianPostgres): Promise<Run> => {
  const server = await startServer({
    DATABASE_URL: postgres.urlOf('typedo', secrets.typedo),
    DIRECT_DATABASE_URL: postgres.urlOf('typedo_migrator', secrets.typedo_migrator),
    BETTER_AUTH_SECRET: 'a-secret-of-the-drill-alone-0123456789',
  });
  await server.printed(/The API is ready at/);
  return server;
};

const asAdministrator = (postgres: DebianPostgres): Promise<pg.Client> =>
  connect(postgres.urlOf('postgres', postgres.password), 'none');

async function fill(url: string): Promise<Sessions> {
  const sessions = new Map<string, Session>();
  for (let n = 0; n < size.users; n += 1) {
    const name = `user-${n}`;
    const user = { name, email: emailOf(name), password: passwordOf(name) };
    const session = await signUp(url, user);
    sessions.set(name, session);
    const { lists, tasks } = createClient({ url, auth: session });
    const { id: listId } = await lists.create.mutate({ name: 'Home' });
    for (let made = 0; made < size.tasksEach; made += 50) {
      const titles = Array.from({ length: 50 }, (_, at) => `${made + at} of ${name}`);
      await Promise.all(titles.map((title) => tasks.create.mutate({ title, listId })));
    }
  }
  return sessions;
}

const clientsOf = (url: string, sessions: Sessions): TypedoClient[] =>
  [...sessions.values()].map((auth) => createClient({ url, auth }));

/** A dump, of the moment when it began, and everything restored from files alone. */
async function dumpAndRestore(postgres: DebianPostgres): Promise<Sessions> {
  await postgres.create();
  await postgres.start();
  await postgres.shell(`psql -v ON_ERROR_STOP=1 --quiet \\
    -c "create role typedo_migrator login createrole createdb password '${secrets.typedo_migrator}'" \\
    -c "create role typedo login noinherit password '${secrets.typedo}'" \\
    -c "create database typedo owner typedo_migrator"`);
  await using server = await serve(postgres);
  const sessions = await fill(server.url);
  const clients = clientsOf(server.url, sessions);
  await postgres.shell(commandsOf('Prepare'), { BACKUP_PASSWORD: backupLogin.PGPASSWORD });

  const administrator = await asAdministrator(postgres);
  await administrator.query('begin isolation level repeatable read');
  const { rows } = await administrator.query<{ id: string }>('select pg_export_snapshot() as id');
  const before = await tablesOf(administrator);
  // The command as it is written, but of the moment that is compared.
  const atSnapshot = `pg_dump() { command pg_dump --snapshot=${rows[0]?.id} "$@"; }\n`;
  await whileWriting(clients, async () => {
    await clients[0]?.lists.create.mutate({ name: 'written after the snapshot' });
    await seconds('dump, while it is written', () =>
      postgres.shell(atSnapshot + commandsOf('Back up'), backupLogin),
    );
  });
  await administrator.query('commit');
  const after = await tablesOf(administrator);
  const written = [...after].filter(([name, told]) => before.get(name) !== told);
  figures.push(atLeast('tables that were written meanwhile', written.length, 3));
  let refused = 0;
  for (const [PGUSER, PGPASSWORD] of Object.entries(secrets)) {
    const role = PGUSER === 'typedo' ? '--role=typedo_operator' : '';
    const { exitCode } = await postgres.tryShell(`pg_dump ${role} typedo`, { PGUSER, PGPASSWORD });
    if (exitCode !== 0) refused += 1;
  }
  figures.push(all('logins of the service whom a dump is refused', refused, 2));
  await administrator.end();
  server.process.kill();
  await server.exited;
  await postgres.destroy();

  await postgres.create();
  await postgres.start();
  await seconds('restore', () => postgres.shell(commandsOf('Restore')));
  const restored = await asAdministrator(postgres);
  compare('dump', before, await tablesOf(restored));
  await restored.end();
  return sessions;
}

/** That a database is sound, and the service on it knows its users. */
async function check(postgres: DebianPostgres, server: Run, sessions: Sessions): Promise<void> {
  const migrator = postgres.urlOf('typedo_migrator', secrets.typedo_migrator);
  const schema = await connect(migrator, 'typedo_schema');
  const catalogue = await catalogueFindings(schema, 'typedo');
  await schema.end();
  const operator = await connect(postgres.urlOf('typedo', secrets.typedo), 'typedo_operator');
  const log = await logFindings(operator);
  await operator.end();
  for (const finding of [...catalogue, ...log]) console.log(finding);
  figures.push(
    none('catalogue of the database, findings', catalogue.length),
    none('log against tables, findings', log.length),
  );
  let known = 0;
  for (const [name, session] of sessions) {
    const again = await signIn(server.url, { email: emailOf(name), password: passwordOf(name) });
    for (const auth of [session, again]) {
      const client = createClient({ url: server.url, auth });
      const { items } = await client.tasks.list.query({ limit: 50 });
      const { email } = await client.account.me.query();
      if (email === emailOf(name) && items.length === 50) known += 1;
    }
  }
  const ways = sessions.size * 2;
  figures.push(all('users known by former password and session, with their tasks', known, ways));
}

/** Serves what was restored, and by a base and the archived log goes back to before a mistake. */
async function goBack(postgres: DebianPostgres, sessions: Sessions): Promise<void> {
  const variables = { ARCHIVE: `${postgres.folder}/archive`, BASE: `${postgres.folder}/base` };
  await postgres.shell(`mkdir archive\n${commandsOf('Archive')}`, variables);
  await postgres.stop();
  await postgres.start();
  let before = new Map<string, string>();
  let moment = '';
  {
    await using server = await serve(postgres);
    await check(postgres, server, sessions);
    const clients = clientsOf(server.url, sessions);
    await whileWriting(clients, () =>
      seconds('base, while it is written', () =>
        postgres.shell(commandsOf('Base'), { ...variables, ...backupLogin }),
      ),
    );
    await clients[0]?.lists.create.mutate({ name: 'written after the base' });
    server.process.kill();
    await server.exited;
    const administrator = await asAdministrator(postgres);
    before = await tablesOf(administrator);
    const { rows } = await administrator.query<{ now: string }>(
      'select clock_timestamp()::text as now',
    );
    moment = rows[0]?.now ?? '';
    await administrator.query('truncate tasks, changes');
    await archived(administrator);
    await administrator.end();
  }
  await postgres.destroy();

  await seconds('way back to a moment', async () => {
    await postgres.shell(commandsOf('Go back'), { ...variables, MOMENT: moment });
    await postgres.start();
    await postgres.shell(
      `until [ "$(psql -Atc 'select pg_is_in_recovery()')" = f ]; do sleep 0.1; done`,
    );
  });
  const administrator = await asAdministrator(postgres);
  compare('moment before a mistake', before, await tablesOf(administrator));
  await administrator.end();
}

await using cleanups = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), 'typedo-drill-'));
cleanups.defer(() => rm(folder, { recursive: true, force: true }));
await chmod(folder, 0o755);
const postgres = await debianPostgres(folder);
cleanups.defer(() => postgres.destroy());
const sessions = await dumpAndRestore(postgres);
// Without the rows there is nothing to serve.
if (figures.every(({ isMet }) => isMet)) await goBack(postgres, sessions);
await report(figures, { file: values.json });
