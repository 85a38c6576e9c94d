import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestDatabase } from '@typedo/db/testing';
import { PATH } from './env.ts';
import { freePort } from './free-port.ts';

/** To PostgreSQL at most. */
export const pooledConnections = 8;
// Debian's user and group that own nothing: PgBouncer refuses to run as root.
const nobody = 65_534;

/** PgBouncer in transaction mode before a database. @throws when it is not installed */
export async function startPgBouncer({
  url,
}: TestDatabase): Promise<{ url: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'typedo-pgbouncer-'));
  const { username, password, hostname, port } = new URL(url);
  const listening = await freePort();
  const [users, ini] = [join(folder, 'users'), join(folder, 'pgbouncer.ini')];
  await writeFile(users, `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`);
  await writeFile(
    ini,
    `[databases]
* = host=${hostname} port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listening}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${pooledConnections}
max_client_conn = 500
# Where PostgreSQL was away it is asked again after so many seconds; by itself, after 15.
server_login_retry = 1
`,
  );
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    for (const path of [folder, users, ini]) await chown(path, nobody, nobody);
  }
  const child = spawn('pgbouncer', [...(isRoot ? ['-u', 'nobody'] : []), ini], {
    env: { PATH: `${PATH}:/usr/sbin` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const { promise: isUp, resolve, reject } = Promise.withResolvers<void>();
  const printed: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    printed.push(line);
    if (printed.length > 10) printed.shift();
    if (line.includes('process up')) resolve();
  });
  child.on('error', () => reject(new Error('Install PgBouncer first: apt-get install pgbouncer')));
  const ended = once(child, 'close').then(() => reject(new Error(printed.join('\n'))));
  await isUp;
  const through = new URL(url);
  through.host = `127.0.0.1:${listening}`;
  return {
    url: through.href,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}
