import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { EmbeddedPostgresError, errorCode } from './errors.ts';
import {
  isAlive,
  logFile,
  type Postmaster,
  readPidFile,
  startServer,
  stopServer,
} from './server.ts';
import { createCluster, prepareSite, removeDrafts, type Secrets, type Site } from './site.ts';

export { EmbeddedPostgresError };

/** A PostgreSQL that this process owns until it calls `stop`. */
export interface EmbeddedPostgres {
  /** URL of the login that serves requests: neither superuser nor BYPASSRLS, member of nothing. */
  readonly url: string;
  /** URL of the login that owns the database and migrates: CREATEROLE CREATEDB, no superuser. */
  readonly directUrl: string;
  /** Folder of the cluster: outside the data directory where root's PostgreSQL may not enter. */
  readonly clusterDir: string;
  /** Shuts PostgreSQL down, disconnecting whoever is left; further calls wait for the first. */
  stop(): Promise<void>;
}

interface Held extends Postmaster {
  readonly client: Client;
}

/** Session lock in database `postgres`, held by the Typedo that a cluster belongs to. */
const ownerLock = '8387520010061';
const [migratorRole, serverRole, database] = ['typedo_migrator', 'typedo', 'typedo'];
/** What a statement of the service may take, and wait for: of its login, as poolers carry no other. */
const bounds = [
  `statement_timeout = '30s'`,
  `lock_timeout = '2s'`,
  `idle_in_transaction_session_timeout = '60s'`,
];
const patienceMs = 60_000;
const refusals = {
  taken: ({ dataDir }: Site, pid: number) =>
    `Another Typedo is already running on DATA_DIR ${dataDir} (PostgreSQL process ${pid}). ` +
    `Stop it first, or set DATA_DIR to another folder.`,
  elsewhere: ({ dataDir }: Site, pid: number) =>
    `DATA_DIR ${dataDir} was copied or moved while its database was in use (PostgreSQL process ` +
    `${pid}). Stop that Typedo, then copy the folder again or start again.`,
  'locked out': ({ dataDir, clusterDir }: Site) =>
    `The passwords in ${join(dataDir, 'postgres.json')} do not open the database in ` +
    `${clusterDir}: restore that file from a backup, or set DATA_DIR to another folder.`,
};
type Refusal = keyof typeof refusals;

/**
 * Runs the bundled PostgreSQL on a data directory, which it makes on the first start; a PostgreSQL
 * that a killed Typedo left running is taken over.
 *
 * @throws EmbeddedPostgresError with what to do, also while another Typedo uses the directory
 */
export async function startEmbeddedPostgres(options: {
  dataDir: string;
  onNotice?: (message: string) => void;
}): Promise<EmbeddedPostgres> {
  const { onNotice = () => undefined } = options;
  const dataDir = resolve(options.dataDir);
  try {
    const { site, secrets } = await prepareSite(dataDir, onNotice);
    await createCluster(site, secrets.superuser);
    const held = await takeCluster(site, secrets);
    return toEmbeddedPostgres(site, secrets, held, onNotice);
  } catch (cause) {
    if (cause instanceof EmbeddedPostgresError || errorCode(cause) === undefined) throw cause;
    throw new EmbeddedPostgresError(
      `Typedo could not keep its database in DATA_DIR ${dataDir} ` +
        `(${cause instanceof Error ? cause.message : String(cause)}). Mend that, set DATA_DIR to ` +
        `another folder, or set DATABASE_URL to a PostgreSQL server of your own.`,
      { cause },
    );
  }
}

function toEmbeddedPostgres(
  site: Site,
  secrets: Secrets,
  held: Held,
  onNotice: (message: string) => void,
): EmbeddedPostgres {
  let { client } = held;
  let isLost = false;
  let stopped: Promise<void> | undefined;
  client.once('end', () => {
    if (stopped) return;
    isLost = true;
    onNotice(
      `PostgreSQL process ${held.pid} closed the connection that reserves ${site.dataDir}. ` +
        `Restart Typedo: until then another one could take that folder over.`,
    );
  });
  const stop = async (): Promise<void> => {
    if (isLost) {
      // By now the cluster can be another Typedo's: only with the lock is it ours to stop.
      const answer = await lockCluster(site, secrets, readPidFile(site));
      if (!(answer instanceof Client)) return;
      client = answer;
    }
    // The lock goes with the server: released before, another start could adopt what then stops.
    await stopServer(site);
    await client.end();
  };
  const urlOf = (role: string, password: string): string =>
    // sslmode, because PGSSLMODE in the environment would otherwise ask this server for TLS.
    `postgresql://${role}:${password}@127.0.0.1:${held.port}/${database}?sslmode=disable`;
  return {
    url: urlOf(serverRole, secrets.server),
    directUrl: urlOf(migratorRole, secrets.migrator),
    clusterDir: site.clusterDir,
    stop: async () => (stopped ??= stop()),
  };
}

/** Starts or adopts the server and takes its lock: of starts at one moment, one gets it. */
async function takeCluster(site: Site, secrets: Secrets): Promise<Held> {
  const deadline = Date.now() + patienceMs;
  let isStartedHere = false;
  for (;;) {
    const server = readPidFile(site);
    const answer = await lockCluster(site, secrets, server);
    if (server !== undefined && answer instanceof Client) {
      try {
        await removeDrafts(site);
        await ensureDatabase(answer, secrets);
        return { ...server, client: answer };
      } catch (error) {
        const isLeaving = isShutdown(error);
        if (!isLeaving) await stopServer(site);
        await answer.end();
        if (!isLeaving) throw error;
      }
    } else if (server !== undefined && isRefusal(answer)) {
      if (answer === 'locked out' && isStartedHere) await stopServer(site);
      throw new EmbeddedPostgresError(refusals[answer](site, server.pid));
    } else if (answer === 'absent') {
      const failure = await startServer(site);
      if (failure === undefined) {
        isStartedHere = true;
        continue;
      }
      // Another start was quicker and its server comes up, or a killed server is still dying.
      const isInTheWay = /postmaster.pid" already exists|pre-existing shared/.test(failure.message);
      if (!isInTheWay || Date.now() > deadline) throw failure;
    }
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresError(
        `PostgreSQL in ${site.clusterDir} does not answer: see ${logFile(site)}, and try again.`,
      );
    }
    await wait(20);
  }
}

function isRefusal(answer: unknown): answer is Refusal {
  return typeof answer === 'string' && answer in refusals;
}

/** As superuser, when the server that a pid file tells of is that of the cluster. */
export async function connectCluster(
  site: Site,
  secrets: Secrets,
  server: Postmaster | undefined,
): Promise<Client | 'absent' | 'busy' | Refusal> {
  if (server === undefined) return 'absent';
  const client = new Client({
    host: '127.0.0.1',
    port: server.port,
    user: 'postgres',
    password: secrets.superuser,
    database: 'postgres',
    ssl: false,
    connectionTimeoutMillis: 5_000,
  });
  // Without a listener, Node ends the process; whoever uses the client sees its end or its failure.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    if (isShutdown(error)) return 'busy';
    // After a stale pid file, any program can have the port.
    return errorCode(error) === '28P01' && isAlive(server) ? 'locked out' : 'absent';
  }
  try {
    const { rows } = await client.query<{ folder: string }>(
      `select current_setting('data_directory') as folder`,
    );
    const isSame = rows.some(({ folder }) => realPath(folder) === realPath(site.clusterDir));
    if (isSame) return client;
    await client.end();
    return isAlive(server) ? 'elsewhere' : 'absent';
  } catch (error) {
    await client.end();
    if (isShutdown(error)) return 'busy';
    throw error;
  }
}

async function lockCluster(...cluster: Parameters<typeof connectCluster>) {
  const client = await connectCluster(...cluster);
  if (!(client instanceof Client)) return client;
  try {
    // The wait is for the lock of a process that was killed just now.
    await client.query(`set lock_timeout = '1s'; select pg_advisory_lock(${ownerLock})`);
    await client.query('set lock_timeout = 0');
    return client;
  } catch (error) {
    await client.end();
    if (errorCode(error) === '55P03') return 'taken';
    if (isShutdown(error)) return 'busy';
    throw error;
  }
}

async function ensureDatabase(client: Client, secrets: Secrets): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select rolname || ' role' as name from pg_roles union select datname from pg_database`,
  );
  const names = new Set(rows.map(({ name }) => name));
  const createRole = async (role: string, password: string, attributes: string): Promise<void> => {
    if (names.has(`${role} role`)) return;
    await client.query(
      `create role ${escapeIdentifier(role)} login nosuperuser nobypassrls ${attributes} ` +
        `password ${escapeLiteral(password)}`,
    );
  };
  await createRole(migratorRole, secrets.migrator, 'createrole createdb');
  await createRole(serverRole, secrets.server, 'nocreaterole nocreatedb noinherit');
  await client.query(
    bounds.map((bound) => `alter role ${escapeIdentifier(serverRole)} set ${bound}`).join(';'),
  );
  if (names.has(database)) return;
  await client.query(
    `create database ${escapeIdentifier(database)} owner ${escapeIdentifier(migratorRole)}`,
  );
}

function realPath(folder: string): string | undefined {
  try {
    return realpathSync(folder);
  } catch {
    return undefined;
  }
}

/** Whether a server answered that it comes up or goes down, or went down under the question. */
function isShutdown(error: unknown): boolean {
  const code = errorCode(error);
  const isCut = error instanceof Error && error.message.startsWith('Connection terminated');
  return isCut || (code !== undefined && /^(57P0[1-3]|ECONNRESET|EPIPE)$/.test(code));
}
