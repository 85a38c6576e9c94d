import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianPostgres } from '../../../scripts/testing/debian-postgres.ts';
import { until } from './until.ts';

/** Debian's PostgreSQL with the logins of the service, and what may become of it. */
export interface Postgres extends AsyncDisposable {
  /** Of the service's login. */
  url: string;
  /** Of the login that migrates. */
  directUrl: string;
  administratorUrl: string;
  start(): Promise<void>;
  /** As its administrator stops it: connections are ended. */
  stop(): Promise<void>;
  /** Ends all its processes at once. */
  kill(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

export async function startPostgres(): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), 'typedo-faults-'));
  await chmod(folder, 0o755);
  const server = await debianPostgres(folder);
  const secret = 'password-of-a-login';
  await server.create();
  await server.start();
  await server.shell(
    `psql --quiet --dbname=postgres <<SQL
      create role typedo_migrator login createrole password '${secret}';
      create role typedo login noinherit password '${secret}';
      alter role typedo set lock_timeout = '2s';
      alter role typedo set statement_timeout = '30s';
      create database typedo owner typedo_migrator;
SQL`,
  );
  /** Its first process and those that it began. */
  const processes = async (): Promise<number[]> => {
    const first = Number.parseInt(await readFile(join(folder, 'data/postmaster.pid'), 'utf8'), 10);
    const others = await readFile(`/proc/${first}/task/${first}/children`, 'utf8');
    return [first, ...others.trim().split(' ').map(Number)];
  };
  const signal = async (name: NodeJS.Signals): Promise<number[]> => {
    const pids = await processes();
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, name);
    return pids;
  };
  return {
    url: server.urlOf('typedo', secret),
    directUrl: server.urlOf('typedo_migrator', secret),
    administratorUrl: server.urlOf('postgres', server.password),
    start: () => server.start(),
    stop: () => server.stop(),
    async kill() {
      const pids = await signal('SIGKILL');
      await until(() => !pids.some(isAlive));
    },
    pause: async () => void (await signal('SIGSTOP')),
    resume: async () => void (await signal('SIGCONT')),
    async [Symbol.asyncDispose]() {
      await server.destroy();
      await rm(folder, { recursive: true });
    },
  };
}
