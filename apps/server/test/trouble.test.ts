import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, signUp, type TypedoClient } from '@typedo/client';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@typedo/db/embedded';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Door, openDoor } from './database-door.ts';
import { accessToken, testSecret } from './harness.ts';
import { type Run, startServer } from './server-process.ts';

/* A server as a process, on a PostgreSQL of its own that things happen to. */

let dataDir: string;
let postgres: EmbeddedPostgres;
let door: Door;
let server: Run;
let ann: User;
let bob: User;

interface User {
  title: string;
  authorization: string;
  client: TypedoClient;
}

const newUser = async (title: string): Promise<User> => {
  const email = `${title}@example.com`;
  const session = await signUp(server.url, { name: title, email, password: 'correct horse' });
  const client = createClient({ url: server.url, auth: session });
  await client.tasks.create.mutate({ title });
  return { title, authorization: `Bearer ${await accessToken(server, session)}`, client };
};

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'typedo-trouble-'));
  await chmod(dataDir, 0o755);
  postgres = await startEmbeddedPostgres({ dataDir });
  door = await openDoor(() => Number(new URL(postgres.url).port));
  server = await startServer({
    DATABASE_URL: door.through(postgres.url),
    DIRECT_DATABASE_URL: door.through(postgres.directUrl),
    BETTER_AUTH_SECRET: testSecret,
  });
  await server.printed(/The API is ready at/);
  ann = await newUser('ann');
  bob = await newUser('bob');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  door[Symbol.dispose]();
  await postgres.stop();
  await rm(dataDir, { recursive: true });
});

const faces = {
  rest: '/api/v1/tasks',
  trpc: '/api/trpc/tasks.list',
  batch: '/api/trpc/tasks.list,lists.list?batch=1',
};

/** Calls as a user, who gets what is theirs, or else is refused with all that belongs to it. */
async function call(user: User, path = faces.rest): Promise<'served' | 'refused'> {
  const response = await fetch(server.url + path, {
    headers: { authorization: user.authorization },
  });
  const { status, headers } = response;
  const body = await response.text();
  const titles = [...new Set(body.match(/(?<="title":")(ann|bob)(?=")/g))];
  if (status === 200 && titles.join() === user.title) return 'served';
  const isTold = body.includes('"UNAVAILABLE"') && body.includes('"retryAfterSeconds":1');
  // Of a batch, another call may have been served.
  const isWhole = status === 207 || (status === 503 && headers.get('retry-after') === '1');
  if (isTold && isWhole && titles.every((title) => title === user.title)) return 'refused';
  throw new Error(`${user.title} got ${status}: ${body}`);
}
const health = async (path: '/livez' | '/readyz') => (await fetch(server.url + path)).status;
const isWell = async (): Promise<void> => {
  await expect.poll(() => call(ann)).toBe('served');
  await expect.poll(() => call(bob, faces.batch)).toBe('served');
  await expect.poll(() => health('/readyz')).toBe(200);
};

const connected = async <Result>(
  work: (client: pg.Client) => Promise<Result>,
  url = postgres.url,
): Promise<Result> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

test('while the database is silent every call is told so on every face, health is answered, and then all goes on', async () => {
  await isWell();
  const { rows } = await connected((client) =>
    client.query<{ pid: number }>(
      'select pid from pg_stat_activity where pid <> pg_backend_pid() order by backend_start',
    ),
  );
  const [postmaster] = readFileSync(join(postgres.clusterDir, 'postmaster.pid'), 'utf8').split(
    '\n',
  );
  const pids = [Number(postmaster), ...rows.map(({ pid }) => pid)];
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    const calls = Object.values(faces).flatMap((path) => [call(ann, path), call(bob, path)]);
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['refused']));
    expect(await health('/livez')).toBe(200);
    expect(await health('/readyz')).toBe(503);
    const signIn = await fetch(`${server.url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.url },
      body: JSON.stringify({ email: 'ann@example.com', password: 'correct horse' }),
    });
    expect([signIn.status, signIn.headers.get('retry-after')]).toEqual([503, '1']);
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
  await isWell();
});

test('a database that is stopped and started is used again', async () => {
  await isWell();
  await postgres.stop();
  expect(await call(ann)).toBe('refused');
  expect(await call(bob, faces.trpc)).toBe('refused');
  expect(await health('/livez')).toBe(200);
  await expect.poll(() => health('/readyz')).toBe(503);
  postgres = await startEmbeddedPostgres({ dataDir });
  await isWell();
});

const terminateOthers = `select pg_terminate_backend(pid) from pg_stat_activity
  where usename = current_user and pid <> pg_backend_pid()`;

test('however often connections are cut, nobody gets what is another’s', async () => {
  const verdicts: string[] = [];
  await connected(async (client) => {
    for (let round = 0; round < 20; round += 1) {
      const paths = Object.values(faces);
      const calls = paths.flatMap((path) => [call(ann, path), call(bob, path)]);
      await client.query(terminateOthers);
      verdicts.push(...(await Promise.all(calls)));
    }
  });
  expect(verdicts).toHaveLength(120);
  await isWell();
});

test('a database that has no connection left refuses calls, until it has', async () => {
  await isWell();
  const taken: pg.Client[] = [];
  const takeOne = async (): Promise<boolean> => {
    const client = new pg.Client({ connectionString: postgres.url });
    client.on('error', () => {});
    try {
      await client.connect();
    } catch {
      return false;
    }
    taken.push(client);
    return true;
  };
  try {
    while (!(await takeOne()));
    const [first] = taken as [pg.Client];
    const { rows } = await first.query<{ slots: number }>(
      `select sum(setting::int * case name when 'max_connections' then 1 else -1 end)::int
        - (select count(*) from pg_stat_activity where datname is not null
          and usename <> current_user)::int as slots
      from pg_settings where name ~ '^(max|superuser_reserved|reserved)_connections$'`,
    );
    // The server comes back as fast as its connections are cut.
    while (taken.length < (rows[0]?.slots ?? 0)) {
      if (await takeOne()) continue;
      const pids = taken.map((one) => (one as pg.Client & { processID: number }).processID);
      await first.query(`${terminateOthers} and pid <> all ($1)`, [pids]);
    }
    expect(await call(ann)).toBe('refused');
    expect(await call(bob, faces.batch)).toBe('refused');
    expect(await health('/livez')).toBe(200);
  } finally {
    for (const client of taken) await client.end();
  }
  await isWell();
});

test('while no call gets on they are refused, health is answered, and streams stay', async () => {
  await isWell();
  const heard: string[] = [];
  let isOpen = false;
  const stream = ann.client.sync.changes.subscribe(undefined, {
    onData({ data }) {
      isOpen = true;
      heard.push(...data.tasks.map(({ title }) => title));
    },
  });
  await expect.poll(() => isOpen).toBe(true);
  await connected(async (client) => {
    await client.query('set role typedo_schema; begin; lock table tasks in access exclusive mode');
    const waiting = Array.from({ length: 30 }, () => call(bob));
    expect(await health('/livez')).toBe(200);
    expect(await health('/readyz')).toBe(200);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['refused']));
    await client.query('rollback');
  }, postgres.directUrl);
  await isWell();
  await ann.client.tasks.create.mutate({ title: 'ann' });
  await expect.poll(() => heard).toEqual(['ann']);
  stream.unsubscribe();
});

const pem = (label: string, lines: string[]): string =>
  [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
// Made for this test alone: two authorities, and what the first says of `localhost` for 100 years.
const authority = pem('CERTIFICATE', [
  'MIIBgjCCASmgAwIBAgIUEmnsobBZcEq7M0cIxITCFYMTqgkwCgYIKoZIzj0EAwIw',
  'FjEUMBIGA1UEAwwLY2Egb2YgdGVzdHMwIBcNMjYxMTIxMTkyNjAzWhgPMjEyNjEw',
  'MjgxOTI2MDNaMBYxFDASBgNVBAMMC2NhIG9mIHRlc3RzMFkwEwYHKoZIzj0CAQYI',
  'KoZIzj0DAQcDQgAEum8VlF7+IqDQwUe/VVQhtgk2f4T5VITPxsx2JC5BB3/9dwLQ',
  '0td7mRARr0fr8OsoV/M5ZrlAaDGWneL789RflqNTMFEwHQYDVR0OBBYEFMifYTHy',
  'qDOgv9KMfoLt1InFgGJ2MB8GA1UdIwQYMBaAFMifYTHyqDOgv9KMfoLt1InFgGJ2',
  'MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgFuRhSsd5/08jYRt3',
  'V80AxZ+H7wPpakS4i2YZpAEqRcQCIDjQyTGHeje8XmRyjIPLGT1TGftRYYKZEOSI',
  'YfY1NNAt',
]);
const stranger = pem('CERTIFICATE', [
  'MIIBiDCCAS+gAwIBAgIUe24rMQaCQsuuR0QuOBtDij4msSkwCgYIKoZIzj0EAwIw',
  'GTEXMBUGA1UEAwwOb3RoZXIgb2YgdGVzdHMwIBcNMjYxMTIxMTkyNjAzWhgPMjEy',
  'NjEwMjgxOTI2MDNaMBkxFzAVBgNVBAMMDm90aGVyIG9mIHRlc3RzMFkwEwYHKoZI',
  'zj0CAQYIKoZIzj0DAQcDQgAEONNN+hFxJvw7QxulmqlwXyiwchT1vNVDs0FVXhmu',
  'A770CA/Za2np15CW3I0QrfwO31aqhyTf9X0+U6qbamfvzKNTMFEwHQYDVR0OBBYE',
  'FHE9cwRTOU68KhsBt4LlE3Q6LbZCMB8GA1UdIwQYMBaAFHE9cwRTOU68KhsBt4Ll',
  'E3Q6LbZCMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgaMZjBhCO',
  'u8unD/y/Zf/bp9QxxKp6zfelTbF2all4P+kCIEGFDrTSDaJOC3h6LCOcWtRWVOT5',
  'Gw3Xd8CjwOsCXxfI',
]);
const cert = pem('CERTIFICATE', [
  'MIIBhjCCASygAwIBAgIUTYgiHSaA7vHz1yWQHRsOuoWilTUwCgYIKoZIzj0EAwIw',
  'FjEUMBIGA1UEAwwLY2Egb2YgdGVzdHMwIBcNMjYxMTIxMTkyNjAzWhgPMjEyNjEw',
  'MjgxOTI2MDNaMBQxEjAQBgNVBAMMCWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqG',
  'SM49AwEHA0IABIOsRVdXIkqPNPIlqOBjGOPX0k9lD76jc7HGHSasRgXI6BPXGuw7',
  'wLSlK/KeduBdARKFWbBfG80pRi87+e77+J2jWDBWMBQGA1UdEQQNMAuCCWxvY2Fs',
  'aG9zdDAdBgNVHQ4EFgQU/B/yjh90vylkrqDq4KyjokOp358wHwYDVR0jBBgwFoAU',
  'yJ9hMfKoM6C/0ox+gu3UicWAYnYwCgYIKoZIzj0EAwIDSAAwRQIhAP+3V+vCjBbG',
  'uKb1WYEGc4DVb4nzoSebyRWFQpykj7N4AiBUzmfQw31v/9QyrI2IhqbQllEU6mXx',
  'ZczGdh1YiqTHAw==',
]);
const key = pem('PRIVATE KEY', [
  'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgtvHInUNyDHhbQuRz',
  'XvXhIj7X2b/aTTVL1v4cZdnNUQ+hRANCAASDrEVXVyJKjzTyJajgYxjj19JPZQ++',
  'o3Oxxh0mrEYFyOgT1xrsO8C0pSvynnbgXQEShVmwXxvNKUYvO/nu+/id',
]);

test('with sslmode=verify-full it starts where the certificate is that of the right database only', async () => {
  using tls = await openDoor(() => Number(new URL(postgres.url).port), { key, cert });
  const start = async (ca: string) => {
    const file = join(dataDir, 'authority.pem');
    await writeFile(file, ca);
    const verified = (url: string): string => {
      const other = new URL(tls.through(url));
      other.search = `?sslmode=verify-full&sslrootcert=${file}`;
      return other.href;
    };
    return startServer({
      DATABASE_URL: verified(postgres.url),
      DIRECT_DATABASE_URL: verified(postgres.directUrl),
      BETTER_AUTH_SECRET: testSecret,
    });
  };
  await using right = await start(authority);
  await right.printed(/The API is ready at/);
  await using wrong = await start(stranger);
  expect(await wrong.exited).toEqual({ code: 1 });
  expect(wrong.output()).toMatch(
    /^The database that DATABASE_URL .* cannot be used \(.*certif.*\n$/,
  );
});
