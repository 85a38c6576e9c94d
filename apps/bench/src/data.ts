import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { hash } from '@node-rs/bcrypt';
import { createTestDatabase, type TestDatabase } from '@typedo/db/testing';
import { symmetricEncrypt } from 'better-auth/crypto';
import { exportJWK, importJWK, type JWK, SignJWT } from 'jose';
import pg from 'pg';

/** The address that all servers' tokens name, wherever they listen. */
export const issuer = 'http://bench.localhost:4000';
export const secret = 'kq7Zp3xW9vT1mB5nR8sD2fG6hJ4lC0yE';
export const password = 'correct horse';

/** Every tenth user is a busy one, whose lists have more than a page; calls are theirs alone. */
const busyOneIn = 10;
const listsPerUser = 2;
/** How old an access token may be when a load begins: it must last until the end. */
const freshSeconds = 4 * 60;

export interface DataSize {
  users: number;
  tasks: number;
  seed: number;
}

/** A user that calls, with what their calls name. */
export interface Person {
  ownerId: string;
  sessionId: string;
  email: string;
  /** Of the log, before anything was measured. */
  revision: number;
  /** Open ones, in the user's order. */
  taskIds: string[];
}

export interface Data {
  /** The template, which only Typedo's server uses itself. */
  database: TestDatabase;
  /** Whom reads are for; nobody writes theirs, so that every read answers the same in every round. */
  readers: Person[];
  writers: Person[];
  publicKey: JWK;
  kid: string;
  sign(person: Person): Promise<string>;
  /** A copy for a peer, which has its login own the data: no policies, and no triggers. */
  copyFor(name: string): Promise<TestDatabase>;
  drop(): Promise<void>;
}

export async function withClient<Result>(
  url: string,
  role: string | undefined,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    if (role) await client.query(`set role ${role}`);
    // The logins have one, which millions of rows take longer than.
    await client.query('set statement_timeout = 0');
    return await work(client);
  } finally {
    await client.end();
  }
}

/** SQL for the id of the nth of a kind: a UUIDv7 that the seed decides. */
const idOf = (seed: number, kind: string, n: string): string =>
  `(lpad(to_hex(1760000000000 + ${n}), 12, '0') || '7' || substr(md5('${seed} ${kind} ' || ${n}), 1, 3)
    || '8' || substr(md5('${seed} ${kind} ' || ${n}), 4, 15))::uuid`;

/** SQL for the nth order key, as fractional-indexing makes them one after another. */
const orderKeyOf = (n: string): string => {
  const digit = (value: string) =>
    `substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', ${value} + 1, 1)`;
  return `case when ${n} < 62 then 'a' || ${digit(n)}
    else 'b' || ${digit(`(${n} - 62) / 62`)} || ${digit(`(${n} - 62) % 62`)} end`;
};

/** How many tasks a user has; together they are about `tasks`. */
const countsOf = ({ users, tasks }: DataSize) => {
  const average = tasks / users;
  return { busy: Math.round(average * 4.6), other: Math.round(average * 0.6) };
};

/** SELECTs of all rows, by which they are written and logged. */
function rowsOf(size: DataSize) {
  const { users, seed } = size;
  const { busy, other } = countsOf(size);
  const id = (kind: string, n: string) => idOf(seed, kind, n);
  const owner = id('user', 'u');
  const all = `generate_series(0, ${users - 1}) as u`;
  const count = `case when u % ${busyOneIn} = 0 then ${busy} else ${other} end`;
  const list = (l: string) => id('list', `(u * ${listsPerUser} + ${l})`);
  return {
    owners: `select ${owner} as id, 'local' as issuer, ${owner}::text as subject,
      ${count} + ${listsPerUser} as revision from ${all}`,
    users: `select ${owner} as id, 'User ' || u as name, 'user' || u || '@bench.invalid' as email,
      true as email_verified from ${all}`,
    sessions: `select ${id('session', 'u')} as id, ${owner} as user_id,
      md5('${seed} ' || u) as token, now() + interval '7 days' as expires_at from ${all}`,
    lists: `select ${owner} as owner_id, ${list('l')} as id, 'List ' || l as name,
      'a' || l as order_key from ${all}, generate_series(0, ${listsPerUser - 1}) as l`,
    tasks: `select ${owner} as owner_id, ${id('task', `(k::bigint * ${users} + u)`)} as id,
      case k % 3 when 0 then null else ${list('(k % 3 - 1)')} end as list_id,
      'Task ' || k || ' of user ' || u as title,
      case k % 4 when 3 then repeat('Remember what was said of it. ', 4) else '' end as notes,
      (array['none', 'low', 'medium', 'high'])[k % 4 + 1]::priority as priority,
      case k % 3 when 1 then date '2026-12-01' + k end as due_date, ${orderKeyOf('k')} as order_key,
      case k % 5 when 0 then timestamptz '2026-11-01' + k * interval '1 minute' end as completed_at,
      timestamptz '2026-10-01' + (u % 1000) * interval '1 second' as created_at,
      timestamptz '2026-10-02' + (u % 1000) * interval '1 second' as updated_at
      from ${all}, lateral generate_series(0, ${count} - 1) as k`,
  };
}

async function fill(database: TestDatabase, size: DataSize): Promise<void> {
  const rows = rowsOf(size);
  const write = (table: string, columns: string, select: string) =>
    `insert into ${table} (${columns}) ${select}`;
  const schema = (work: (client: pg.Client) => Promise<unknown>) =>
    withClient(database.directUrl, 'typedo_schema', work);
  const triggers = (state: 'enable' | 'disable') =>
    schema((client) =>
      client.query(
        `alter table lists ${state} trigger user; alter table tasks ${state} trigger user`,
      ),
    );

  // The log is written here too, because a trigger for each of ten million rows takes an hour.
  await triggers('disable');
  await withClient(database.url, 'typedo_operator', async (client) => {
    await client.query(write('owners', 'id, issuer, subject, revision', rows.owners));
    await client.query(write('lists', 'owner_id, id, name, order_key', rows.lists));
    const columns = `owner_id, id, list_id, title, notes, priority, due_date, order_key, completed_at,
      created_at, updated_at`;
    await client.query(write('tasks', columns, rows.tasks));
  });
  await triggers('enable');
  const log = (entity: string, first: number, select: string) =>
    write(
      'changes',
      'owner_id, revision, position, entity, entity_id, operation, after, actor, face, request_id',
      `select owner_id, ${first} + row_number() over (partition by owner_id order by id), 1,
        '${entity}', id, 'insert', to_jsonb(r) - 'owner_id', 'session', 'trpc', '' from (${select}) r`,
    );
  await schema(async (client) => {
    await client.query(log('lists', 0, rows.lists));
    await client.query(log('tasks', listsPerUser, rows.tasks));
  });
  const hashed = await hash(password, { cost: 10 });
  await withClient(database.url, 'typedo_auth', async (client) => {
    await client.query(write('auth_users', 'id, name, email, email_verified', rows.users));
    await client.query(write('auth_sessions', 'id, user_id, token, expires_at', rows.sessions));
    const accounts = `select id, id::text, 'credential', '${hashed}', now() from (${rows.users}) u`;
    const columns = 'user_id, account_id, provider_id, password, updated_at';
    await client.query(write('auth_accounts', columns, accounts));
  });
  await schema((client) => client.query('vacuum analyze'));
}

async function makeKey(database: TestDatabase) {
  const pair = generateKeyPairSync('ed25519');
  const kid = randomUUID();
  const [open, hidden] = [await exportJWK(pair.publicKey), await exportJWK(pair.privateKey)];
  // As better-auth keeps it, so that the service signs with this key too.
  const kept = JSON.stringify(
    await symmetricEncrypt({ key: secret, data: JSON.stringify(hidden) }),
  );
  await withClient(database.url, 'typedo_auth', (client) =>
    client.query(
      `insert into auth_jwks (id, alg, crv, public_key, private_key, created_at, expires_at)
        values ($1, 'EdDSA', 'Ed25519', $2, $3, now(), now() + interval '30 days')`,
      [kid, JSON.stringify(open), kept],
    ),
  );
  return { kid, open, privateKey: await importJWK(hidden, 'EdDSA') };
}

/** Busy users from all over the table, in the order of their numbers. */
const findPeople = (
  database: TestDatabase,
  { users, seed }: DataSize,
  active: number,
): Promise<Person[]> =>
  withClient(database.url, 'typedo_operator', async (client) => {
    const busy = Math.floor((users - 1) / busyOneIn) + 1;
    const step = Math.max(1, Math.floor(busy / active)) * busyOneIn;
    const { rows } = await client.query<Person>(
      `select o.id as "ownerId", ${idOf(seed, 'session', 'u')} as "sessionId",
        'user' || u || '@bench.invalid' as email, o.revision::int as revision,
        (select array_agg(t.id::text order by t.order_key) from tasks t
          where t.owner_id = o.id and t.completed_at is null) as "taskIds"
      from generate_series(0, ${users - 1}, ${step}) as u
      join owners o on o.id = ${idOf(seed, 'user', 'u')} limit $1`,
      [active],
    );
    return rows;
  });

/** Makes a database of the size, the same for the same seed. */
export async function prepareData(
  server: TestDatabase,
  size: DataSize,
  active: number,
): Promise<Data> {
  const database = await createTestDatabase(server);
  await fill(database, size);
  const key = await makeKey(database);
  const people = await findPeople(database, size, active);
  if (people.length < 2 || countsOf(size).busy < 30) {
    throw new Error('There are too few for a page: at least 20 --users, with 7 --tasks each.');
  }
  const template = new URL(database.directUrl).pathname.slice(1);
  const login = pg.escapeIdentifier(decodeURIComponent(new URL(database.url).username));
  const copies: string[] = [];
  const signed = new Map<Person, { token: string; at: number }>();
  const onServer = (statement: string) =>
    withClient(server.directUrl, undefined, (client) => client.query(statement));

  return {
    database,
    readers: people.filter((_, n) => n % 2 === 0),
    writers: people.filter((_, n) => n % 2 === 1),
    publicKey: key.open,
    kid: key.kid,
    async sign(person) {
      const { ownerId, sessionId, email } = person;
      const now = Math.floor(Date.now() / 1000);
      const known = signed.get(person);
      if (known && known.at > now - freshSeconds) return known.token;
      const token = await new SignJWT({ sid: sessionId, email, name: email })
        .setProtectedHeader({ alg: 'EdDSA', kid: key.kid })
        .setIssuer(issuer)
        .setAudience(issuer)
        .setSubject(ownerId)
        .setIssuedAt(now)
        .setExpirationTime(now + 15 * 60)
        .sign(key.privateKey);
      signed.set(person, { token, at: now });
      return token;
    },
    async copyFor(name) {
      const copy = `${template}_${name}`;
      await onServer(`create database ${copy} template ${template}`);
      copies.push(copy);
      const at = (url: string) => Object.assign(new URL(url), { pathname: `/${copy}` }).href;
      const urls = { url: at(database.url), directUrl: at(database.directUrl) };
      await withClient(urls.directUrl, 'typedo_schema', async (client) => {
        const { rows } = await client.query<{ name: string }>(
          `select oid::regclass::text as name from pg_class where relrowsecurity`,
        );
        for (const { name: table } of rows) {
          await client.query(`alter table ${table} disable row level security`);
          await client.query(`alter table ${table} disable trigger user`);
          await client.query(`grant select, insert, update, delete on ${table} to ${login}`);
        }
      });
      return urls;
    },
    async drop() {
      for (const name of [...copies, template]) {
        await onServer(`drop database if exists ${name} with (force)`);
      }
    },
  };
}
