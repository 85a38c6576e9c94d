import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { manifest } from '@typedo/api';
import { applyMigrations } from '@typedo/db/migrate';
import { readMigrations } from '@typedo/db/migration-assets';
import pg from 'pg';
import { type Answer, ask, isDone } from '../apps/faults/src/ask.ts';
import { startPostgres } from '../apps/faults/src/postgres.ts';
import { until } from '../apps/faults/src/until.ts';
import { trpcRequest } from '../apps/server/test/requests.ts';
import { type Run, startServer } from '../apps/server/test/server-process.ts';
import { all, atMost, none, report } from './figures.ts';
import { freePort } from './testing/free-port.ts';
import { watchLocks } from './testing/lock-watch.ts';
import { createRandom, Markers } from './testing/markers.ts';
import { checkOut, commitBefore, giveMigrations, migrationsAt } from './testing/past.ts';
import { callerOf, newUser, type User } from './testing/users.ts';

// `pnpm migrations:drill`: each migration is applied to a large database as `migrate` does it, while
// the last version of the service before it serves, and then the last one before the next migration.
// Versions are those of git's history, run from their source, and the same one where several migrations
// came together; the last is the bundle at hand.

const { values } = parseArgs({
  options: { tasks: { type: 'string', default: '1000000' }, json: { type: 'string' } },
});
const tasks = Number(values.tasks);
const tasksOfOwner = 100;
const longestMs = 500;
/** Somebody reads every table for so long when a migration begins. */
const readerMs = 2000;
/** Calls of each version before the migration, and after it. */
const enough = 200;
const pauseMs = 20;
const program = 'migration';

const migrations = await readMigrations();
const names = migrations.map(({ name }) => name);
/** The last version before each migration but the first: where it is, and which it came with. */
const versions: { folder: string; names: string[] }[] = [];
for (const next of names.slice(1)) {
  const commit = await commitBefore(next);
  versions.push({ folder: await checkOut(commit), names: await migrationsAt(commit) });
}
/** Whether the version that serves before the migration after `at` has what came with one. */
const has = (migration: string, at: number): boolean =>
  (versions[at]?.names ?? names).some((name) => name.endsWith(migration));

/** A UUID of version 7, as all ids are. */
const id = `overlay(gen_random_uuid()::text placing '7' from 15 for 1)::uuid`;
/** What fills tables when a migration has made them. */
const fillings: Record<string, string> = {
  first: `
    insert into owners (id, issuer, subject)
      select ${id}, 'https://drill.invalid', n::text
      from generate_series(1, ${tasks / tasksOfOwner} - (select count(*) from owners)) n;
    insert into lists (owner_id, id, name, order_key)
      select id, ${id}, 'List ' || n, 'a' || n from owners, generate_series(0, 4) n;
    insert into tasks (owner_id, id, list_id, title, notes, due_date, order_key)
      select owner_id, ${id}, id, 'Task ' || n, repeat('note ', n), current_date + n, 'a' || chr(64 + n)
      from lists, generate_series(1, ${tasksOfOwner / 5}) n;`,
  change_log: `
    insert into changes (owner_id, revision, position, entity, entity_id, operation, after, actor, face, request_id)
      select owner_id, 1, row_number() over (partition by owner_id), 'tasks', tasks.id, 'insert',
        to_jsonb(tasks) - 'owner_id', '', '', ''
      from tasks join owners on owners.id = owner_id where revision = 0;
    update owners set revision = 1 where revision = 0;`,
  idempotency_keys: `
    insert into idempotency_keys (owner_id, key, fingerprint, answer)
      select owner_id, id::text, md5(id::text), '{}' from tasks on conflict do nothing;`,
};

await using started = new AsyncDisposableStack();
const postgres = started.use(await startPostgres());
const administrator = new pg.Client(postgres.administratorUrl);
await administrator.connect();
started.defer(() => administrator.end());

const home = `http://localhost:${await freePort()}`;
async function serve(at: number, port: number): Promise<Run> {
  const version = versions[at];
  const main = version && (await giveMigrations(version.folder, names.slice(0, at + 1)));
  const env = {
    PORT: `${port}`,
    DATABASE_URL: postgres.url,
    DIRECT_DATABASE_URL: postgres.directUrl,
    BETTER_AUTH_SECRET: 'a-secret-of-the-drill-alone-0123456789',
    BETTER_AUTH_URL: home,
    TRUSTED_PROXIES: '127.0.0.1',
    PANEL: '0',
  };
  const server = started.use(
    await startServer(env, [], [], main ? { args: [main], env: {} } : undefined),
  );
  await server.printed(/The API is ready at/);
  return server;
}

interface Load {
  answers: Answer[];
  /** Waits until so many more calls are answered. */
  more(calls: number): Promise<unknown>;
  stop(): Promise<void>;
}

/** People who use what a version has, and sign in and out. */
function startLoad({ url }: Run, at: number, people: User[]): Load {
  const answers: Answer[] = [];
  const over = new AbortController();
  /** Gives what was answered. @throws when it was refused */
  const answered = async (...request: Parameters<typeof ask>): Promise<string> => {
    const answer = await ask(...request);
    answers.push({ ...answer, place: request[2].path.replace(/\?.*/, '') });
    if (!isDone(answer)) throw new Error();
    return answer.text;
  };
  const signInAndOut = async ({ marker, headers }: User): Promise<void> => {
    const body = { email: `${marker}@example.com`, password: `password of ${marker}` };
    const from = { ...headers, origin: home };
    const inside = JSON.parse(
      await answered(
        url,
        { jwt: '', headers: from },
        { method: 'POST', path: '/api/auth/sign-in/email', body: JSON.stringify(body) },
      ),
    ) as { token: string };
    const out = { method: 'POST', path: '/api/auth/sign-out', body: '{}' };
    await answered(url, { jwt: inside.token, headers: from }, out);
  };
  const use = async (person: User, jwt: string): Promise<void> => {
    const call = async (path: string, input?: unknown) => {
      const procedure = manifest.procedures.find((one) => one.path === path);
      if (!procedure) throw new Error(`There is no ${path}.`);
      const headers = { ...person.headers, 'idempotency-key': randomUUID() };
      const text = await answered(url, { jwt, headers }, trpcRequest({ procedure, input }));
      const { result } = JSON.parse(text) as { result: { data: { json: Row } } };
      await wait(pauseMs);
      return result.data.json;
    };
    const { id: listId } = await call('lists.create', { name: 'List' });
    const { id } = await call('tasks.create', { title: 'Task', listId });
    await call('tasks.update', { id, title: 'Changed' });
    await call('tasks.complete', { id });
    await call('tasks.list', { limit: 50 });
    await call('lists.delete', { id: listId });
    await call('lists.list');
    if (has('personal_tokens', at)) {
      const expiresAt = new Date(Date.now() + 86_400_000);
      const token = await call('tokens.create', { name: 'T', scopes: ['tasks:read'], expiresAt });
      await call('tokens.revoke', { id: token.id });
    }
    if (has('account_deletion', at)) await call('account.export');
    if (has('change_log', at)) {
      const { items } = await call('history.list', { limit: 1 });
      await call('history.undo', { revision: items[0]?.revision });
    }
    if (has('idempotency_keys', at)) await call('sync.pull');
  };
  const repeat = async (work: () => Promise<void>, betweenMs: number): Promise<void> => {
    while (!over.signal.aborted) {
      // What was refused is among the answers.
      await work().catch(() => {});
      await wait(betweenMs);
    }
  };
  const working = people.map(async (person) => {
    const path = '/api/auth/token';
    const from = { jwt: person.session, headers: person.headers };
    const { token } = JSON.parse(await answered(url, from, { method: 'GET', path })) as {
      token: string;
    };
    await repeat(() => use(person, token), pauseMs);
  });
  // An account may do so 20 times in a quarter of an hour.
  let turn = 0;
  const signing = repeat(async () => {
    turn += 1;
    const person = people[turn % people.length];
    if (person) await signInAndOut(person);
  }, 2000);
  return {
    answers,
    more(calls) {
      const mark = answers.length + calls;
      return until(() => answers.length >= mark);
    },
    async stop() {
      over.abort();
      await Promise.all([...working, signing]);
    },
  };
}
interface Row {
  id: string;
  items: { revision: number }[];
}

async function fill(name: string): Promise<void> {
  const sql = Object.entries(fillings).find(([migration]) => name.endsWith(migration))?.[1];
  if (!sql) return;
  const from = performance.now();
  await administrator.query(sql);
  await administrator.query('vacuum analyze');
  console.log(`filled after ${name} in ${Math.round((performance.now() - from) / 1000)} s`);
}

let before = await serve(0, Number(new URL(home).port));
const tools = { markers: new Markers(), random: createRandom(1), call: callerOf(home, manifest) };
const people: User[] = [];
for (let n = 0; n < 16; n += 1) people.push(await newUser(home, `user ${n}`, tools));
await fill(migrations[0]?.name ?? '');

const url = new URL(postgres.directUrl);
url.searchParams.set('application_name', program);
const told: Record<string, string | number>[] = [];
const answers: Answer[] = [];
let [heldMs, waitedMs] = [0, 0];
for (const [at, { name }] of migrations.entries()) {
  if (at === 0) continue;
  const [some, others] = [0, 1].map((rest) => people.filter((_, n) => n % 2 === (at + rest) % 2));
  const load = startLoad(before, at - 1, some ?? []);
  await load.more(enough);
  const stopWatching = await watchLocks(postgres.administratorUrl, program);
  const { rows } = await administrator.query<{ names: string }>(
    `select string_agg(format('%I', tablename), ', ') as names from pg_tables where schemaname = 'public'`,
  );
  await administrator.query(`begin; lock table ${rows[0]?.names} in access share mode`);
  const from = performance.now();
  const applying = applyMigrations(url.href, migrations.slice(0, at + 1)).then(() =>
    Math.round(performance.now() - from),
  );
  await wait(readerMs);
  await administrator.query('commit');
  const ms = await applying;
  await load.more(enough);
  const locks = await stopWatching();
  const meanwhile = load.answers.filter((one) => one.at > from);
  const after = await serve(at, await freePort());
  const newLoad = startLoad(after, at, others ?? []);
  await Promise.all([load.more(enough), newLoad.more(enough)]);
  await Promise.all([load.stop(), newLoad.stop()]);
  before.process.kill();
  await before.exited;
  before = after;
  const own = [...load.answers, ...newLoad.answers];
  answers.push(...own);
  heldMs = Math.max(heldMs, Math.round(locks.heldMs));
  waitedMs = Math.max(waitedMs, Math.round(locks.waitedMs));
  told.push({
    migration: name,
    'ms, with its waiting': ms,
    'lock held, ms': Math.round(locks.heldMs),
    'longest wait for it, ms': Math.round(locks.waitedMs),
    'slowest call, ms': Math.round(Math.max(...meanwhile.map((one) => one.ms))),
    calls: own.length,
    errors: own.filter((one) => !isDone(one)).length,
  });
  console.log(`${name}: done`);
  await fill(name);
}
console.table(told);
const wrong = answers.filter((one) => !isDone(one));
for (const [what, some] of Map.groupBy(wrong, (one) => `${one.status} of ${one.place}`))
  console.log(`${some.length} times ${what}: ${some[0]?.text}`);
const { rows } = await administrator.query<{ count: number }>('select count(*)::int from tasks');
await report(
  [
    all(
      'migrations applied while the versions before and after serve',
      told.length,
      migrations.length - 1,
    ),
    { name: 'tasks', value: rows[0]?.count ?? 0, goal: 'stated', isMet: true },
    none(`errors of ${answers.length} calls`, wrong.length),
    atMost('longest lock on a table, ms', heldMs, longestMs),
    atMost('longest wait for a lock, ms', waitedMs, longestMs),
  ],
  { file: values.json },
);
