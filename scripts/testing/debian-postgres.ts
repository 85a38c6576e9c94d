import { chown, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run, type Result, succeed } from './commands.ts';
import { PATH } from './env.ts';
import { freePort } from './free-port.ts';

const isRoot = process.getuid?.() === 0;
const bin = '/usr/lib/postgresql/15/bin';

/** Variables for a command, over those that name the server and its administrator. */
export type Variables = Record<string, string>;

/** Debian's PostgreSQL 15 in a folder of its own, as an administrator runs one. */
export interface DebianPostgres {
  folder: string;
  password: string;
  urlOf(login: string, password: string): string;
  /** Makes an empty server, which has only its administrator. */
  create(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Kills the server and deletes all its files. */
  destroy(): Promise<void>;
  /** Runs commands of a shell in the folder, as the server's own user. @throws when one fails */
  shell(code: string, variables?: Variables): Promise<string>;
  tryShell(code: string, variables?: Variables): Promise<Result>;
}

/** @param folder that other users can enter */
export async function debianPostgres(folder: string): Promise<DebianPostgres> {
  const port = String(await freePort());
  const dataDir = join(folder, 'data');
  const password = 'password-of-the-administrator';
  const at = { PGHOST: '127.0.0.1', PGPORT: port, PGUSER: 'postgres', PGPASSWORD: password };
  if (isRoot) {
    const user = ['-c', 'id -u postgres && id -g postgres'];
    const [uid, gid] = (await succeed('sh', user, folder)).split('\n').map(Number);
    if (uid && gid) await chown(folder, uid, gid);
  }
  const command = (code: string, variables: Variables): [string, string[], string] => {
    const env = { PATH: `${bin}:${PATH}`, PGDATA: dataDir, ...at, ...variables };
    const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const asIs = ['env', '-i', ...pairs, 'bash', '-euo', 'pipefail', '-c', code];
    return isRoot
      ? ['runuser', ['-u', 'postgres', '--', ...asIs], folder]
      : ['env', asIs.slice(1), folder];
  };
  const shell: DebianPostgres['shell'] = (code, variables = {}) =>
    succeed(...command(code, variables));
  // No power is cut here.
  const options = `-p ${port} -c fsync=off -c listen_addresses=127.0.0.1 -c unix_socket_directories=`;
  return {
    folder,
    password,
    urlOf: (login, secret) => `postgres://${login}:${secret}@127.0.0.1:${port}/typedo`,
    async create() {
      await shell(
        'initdb --auth=scram-sha-256 --username=postgres --pwfile=<(echo "$PGPASSWORD")' +
          ' --encoding=UTF8 --locale=C.UTF-8 --no-sync',
      );
    },
    start: async () => void (await shell(`pg_ctl start -w -l postgres.log -o "${options}"`)),
    stop: async () => void (await shell('pg_ctl stop -w -m fast')),
    async destroy() {
      // It may be stopped already, or not have been made.
      await run(...command('pg_ctl stop -w -m immediate', {}));
      await rm(dataDir, { recursive: true, force: true });
    },
    shell,
    tryShell: (code, variables = {}) => run(...command(code, variables)),
  };
}
