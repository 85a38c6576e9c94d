import { spawn } from 'node:child_process';
import { EmbeddedPostgresError, ownServer } from './errors.ts';

/** The system user that a program runs as; empty: the user of this process. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

const isWindows = process.platform === 'win32';
export const isRoot = process.getuid?.() === 0;

/** Runs a program to its end and collects what it printed. */
export async function run(
  file: string,
  args: readonly string[],
  options: { cwd: string; runAs?: RunAs },
): Promise<{ isOk: boolean; output: string }> {
  return new Promise((done, fail) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      ...options.runAs,
      // Ctrl-C signals the whole foreground group, and pg_ctl would cancel the start.
      detached: !isWindows,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      // The daemon keeps its environment for life: none of this process's secrets belongs in it.
      ...(isWindows ? {} : { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' } }),
    });
    let output = '';
    const collect = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', fail);
    child.on('close', (code) => done({ isOk: code === 0, output }));
  });
}

/** Asks as that user, because modes alone tell nothing of ACLs, mounts and the parents' modes. */
export async function canUse(runAs: RunAs, paths: readonly string[]): Promise<boolean> {
  const script = 'for path do [ -x "$path" ] || exit 1; done';
  return (await run('/bin/sh', ['-c', script, 'sh', ...paths], { cwd: '/', runAs })).isOk;
}

/** Whom PostgreSQL runs as where Typedo runs as root, which PostgreSQL refuses to. */
export async function postgresUser(): Promise<{ uid: number; gid: number }> {
  const found = await lookUpPostgres();
  if (found) return found;
  const script =
    'groupadd --system --force postgres && useradd --system --gid postgres ' +
    '--no-create-home --shell /usr/sbin/nologin postgres';
  const made = await run('/bin/sh', ['-c', script], { cwd: '/' });
  const user = await lookUpPostgres();
  if (user) return user;
  throw new EmbeddedPostgresError(
    `PostgreSQL does not run as root, and the system user it would run as could not be made ` +
      `(${made.output.trim()}): create a user "postgres", start Typedo as an ordinary user, ` +
      `or ${ownServer}.`,
  );
}

async function lookUpPostgres(): Promise<{ uid: number; gid: number } | undefined> {
  const script = 'id -u postgres && id -g postgres';
  const { isOk, output } = await run('/bin/sh', ['-c', script], { cwd: '/' });
  const [uid, gid] = output.trim().split('\n').map(Number);
  return isOk && uid !== undefined && gid !== undefined ? { uid, gid } : undefined;
}
