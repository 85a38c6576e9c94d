import { readFileSync, unlinkSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { runPostgres } from './binaries.ts';
import { EmbeddedPostgresError, errorCode } from './errors.ts';
import { lastLines, type Site } from './site.ts';

/** A server as its pid file tells of it. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

const settings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=60',
  'max_wal_size=256MB',
  'timezone=UTC',
  'log_timezone=UTC',
  'cluster_name=typedo',
  // Statements and details quote what people wrote: none of it belongs in a log file.
  'log_min_error_statement=panic',
  'log_error_verbosity=terse',
];

/** The reason, when the server did not start. */
export async function startServer(site: Site): Promise<EmbeddedPostgresError | undefined> {
  const { clusterDir } = site;
  dropDeadPidFile(site);
  const log = await readLog(site);
  if (log.length > 10_000_000) await rename(logFile(site), `${logFile(site)}.old`);
  const flags = [`-p ${await freePort()}`, ...settings.map((setting) => `-c ${setting}`)].join(' ');
  // Relative paths, because pg_ctl hands them to a shell between double quotes.
  const args = ['start', '-w', '-t', '600', '-D', '.', '-l', 'postgres.log', '-o', flags];
  const { isOk, output } = await runPostgres(site, 'pg_ctl', args, clusterDir);
  if (isOk) return undefined;
  const logged = (await readLog(site)).slice(log.length);
  return new EmbeddedPostgresError(
    `PostgreSQL did not start in ${clusterDir}: ${await lastLines(logged || output, clusterDir)}\n` +
      `Mend that, or set DATABASE_URL to a PostgreSQL server of your own. The log is ` +
      `${logFile(site)}.`,
  );
}

export async function stopServer(site: Site): Promise<void> {
  if (readPidFile(site) === undefined) return;
  const args = ['stop', '-D', '.', '-m', 'fast', '-w', '-t', '60'];
  const { isOk, output } = await runPostgres(site, 'pg_ctl', args, site.clusterDir);
  if (isOk || !isAlive(readPidFile(site))) return;
  throw new EmbeddedPostgresError(
    `PostgreSQL in ${site.clusterDir} did not stop: ${output.trim()}\nSee ${logFile(site)}.`,
  );
}

export function logFile({ clusterDir }: Site): string {
  return join(clusterDir, 'postgres.log');
}

async function readLog(site: Site): Promise<string> {
  return readFile(logFile(site), 'utf8').catch(() => '');
}

export function readPidFile({ clusterDir }: Site): Postmaster | undefined {
  const lines = readText(join(clusterDir, 'postmaster.pid'))?.split('\n') ?? [];
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid > 0 && port > 0 ? { pid, port } : undefined;
}

/**
 * Removes the pid file of a killed server when its pid is a zombie's or another program's, as in a
 * container that starts over: PostgreSQL would not start. Its shared memory key still guards.
 */
function dropDeadPidFile(site: Site): void {
  const server = readPidFile(site);
  const state = server && readText(`/proc/${server.pid}/stat`);
  if (state === undefined || /^\d+ \(postgres\) [^ZX]/.test(state)) return;
  unlinkSync(join(site.clusterDir, 'postmaster.pid'));
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // ESRCH: a process that ended between the opening and the reading of its file.
    if (['ENOENT', 'ESRCH'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

export function isAlive(server: Postmaster | undefined): boolean {
  try {
    return server !== undefined && process.kill(server.pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

async function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => done(port));
    });
  });
}
