import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { findBinaries, runPostgres } from './binaries.ts';
import { EmbeddedPostgresError, errorCode, ownServer } from './errors.ts';
import { discard, exists, makeSharedDir, sharedDir, sync } from './folders.ts';
import { canUse, isRoot, postgresUser, type RunAs } from './system-user.ts';

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
    await sync(dirname(clusterDir));
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
    await sync(dataDir);
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

async function placeOutside(dataDir: string, known: Secrets | undefined): Promise<string> {
  const id = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const clusterDir = join(sharedDir, id, 'postgres');
  if (known !== undefined || !(await hasCluster(clusterDir))) return clusterDir;
  // Its data directory was deleted, and the passwords with it: the new one gets another cluster.
  return join(sharedDir, `${id}-${randomBytes(3).toString('hex')}`, 'postgres');
}
