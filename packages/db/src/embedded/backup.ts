import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { Client } from 'pg';
import { EmbeddedPostgresError, errorCode } from './errors.ts';
import { discard, exists, sync } from './folders.ts';
import { connectCluster, startEmbeddedPostgres } from './index.ts';
import { readPidFile } from './server.ts';
import { prepareSite } from './site.ts';
import { canUse, isRoot } from './system-user.ts';

/** The running server's own, its logs, and two folders that a copy must have empty at first. */
const leftOut = ['postmaster.pid', 'postmaster.opts', 'postgres.log', 'postgres.log.old'];
const emptied = ['pg_wal', 'pg_replslot'];

/**
 * Copies a data directory, be it in use or not, into a folder that is one as well: wholly, as of the
 * moment when this ends, or not at all.
 *
 * @throws EmbeddedPostgresError with what to do
 */
export async function backupEmbeddedPostgres(options: {
  dataDir: string;
  into: string;
}): Promise<void> {
  const [dataDir, into] = [resolve(options.dataDir), resolve(options.into)];
  try {
    await copyDataDir(dataDir, into);
  } catch (cause) {
    if (cause instanceof EmbeddedPostgresError) throw cause;
    throw new EmbeddedPostgresError(
      `DATA_DIR ${dataDir} could not be copied, and nothing is left in ${into} ` +
        `(${cause instanceof Error ? cause.message : String(cause)}). Mend that, and try again.`,
      { cause },
    );
  }
}

async function copyDataDir(dataDir: string, into: string): Promise<void> {
  const refuse = (why: string): never => {
    throw new EmbeddedPostgresError(`${why}: name another folder.`);
  };
  if (!(await exists(join(dataDir, 'postgres.json')))) {
    throw new EmbeddedPostgresError(`There is no database in DATA_DIR ${dataDir}.`);
  }
  if (`${into}${sep}`.startsWith(`${dataDir}${sep}`)) refuse(`${into} would be lost with DATA_DIR`);
  if ((await exists(into)) && (await fs.readdir(into)).length > 0) refuse(`${into} is not empty`);
  const { site, secrets } = await prepareSite(dataDir, () => undefined);
  await using cleanups = new AsyncDisposableStack();

  // Beside, because it becomes that folder by a rename.
  const draft = `${into}.new-${randomBytes(6).toString('hex')}`;
  cleanups.defer(() => discard(draft));
  await fs.mkdir(dirname(into), { recursive: true });
  await fs.mkdir(draft, { mode: 0o700 });
  const { uid, gid } = site.runAs;
  if (uid !== undefined && gid !== undefined) {
    await fs.chown(draft, (await fs.stat(dataDir)).uid, gid);
    await fs.chmod(draft, 0o710);
    if (!(await canUse(site.runAs, [draft]))) refuse(`PostgreSQL's user may not enter ${into}`);
  }

  const connect = () => connectCluster(site, secrets, readPidFile(site));
  let client = await connect();
  if (!(client instanceof Client)) {
    // Under the lock of whoever starts it, which keeps others away until this is done.
    const own = await startEmbeddedPostgres({ dataDir });
    cleanups.defer(() => own.stop());
    client = await connect();
  }
  if (!(client instanceof Client)) throw new Error('PostgreSQL was stopped meanwhile');
  const connected = client;
  cleanups.defer(() => connected.end());
  await copyCluster(connected, site.clusterDir, join(draft, 'postgres'));

  const secret = join(dataDir, 'secret');
  // Absent where BETTER_AUTH_SECRET is set.
  if (await exists(secret)) await copyFile(secret, join(draft, 'secret'));
  const passwords = join(draft, 'postgres.json');
  await copyFile(join(dataDir, 'postgres.json'), passwords);
  // Without the place of a cluster that lies elsewhere: in the copy it does not.
  await fs.writeFile(
    passwords,
    `${JSON.stringify({ ...secrets, clusterDir: undefined }, null, 2)}\n`,
    { flush: true },
  );
  await sync(draft);
  // An empty folder, which not every system lets a rename replace.
  if (await exists(into)) await fs.rmdir(into);
  await fs.rename(draft, into);
  await sync(dirname(into));
}

/**
 * Copies the files of a running server by its protocol for that, and the log by which a start makes
 * of them one moment's.
 *
 * @see https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 */
async function copyCluster(client: Client, from: string, to: string): Promise<void> {
  // Keeps the log from here on until this connection ends, however much is written.
  await client.query(
    `select pg_create_physical_replication_slot('backup_' || pg_backend_pid(), true, true)`,
  );
  const { rows: begun } = await client.query<{ first: string }>(
    `select pg_walfile_name(pg_backup_start('typedo backup', fast => true)) as first`,
  );
  await copyFolder(from, to, (name) => !leftOut.includes(name) && !emptied.includes(name));
  const { rows: ended } = await client.query<{ last: string; label: string }>(
    `select pg_walfile_name(lsn) as last, labelfile as label
    from pg_backup_stop(wait_for_archive => false)`,
  );
  const { rows: log } = await client.query<{ name: string }>(
    `select name from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$' and name between $1 and $2`,
    [begun[0]?.first, ended[0]?.last],
  );
  for (const name of emptied) await makeFolderLike(join(from, name), join(to, name));
  for (const { name } of log) await copyFile(join(from, 'pg_wal', name), join(to, 'pg_wal', name));
  await sync(join(to, 'pg_wal'));
  // With the owner and mode of a file that every cluster has.
  const label = join(to, 'backup_label');
  await copyFile(join(from, 'PG_VERSION'), label);
  await fs.writeFile(label, ended[0]?.label ?? '', { flush: true });
  await sync(to);
}

async function copyFolder(
  from: string,
  to: string,
  isWanted: (name: string) => boolean = () => true,
): Promise<void> {
  await makeFolderLike(from, to);
  for (const entry of await fs.readdir(from, { withFileTypes: true })) {
    if (!isWanted(entry.name)) continue;
    const copy = entry.isDirectory() ? copyFolder : copyFile;
    try {
      await copy(join(from, entry.name), join(to, entry.name));
    } catch (error) {
      // A table or a temporary file that was just dropped: the log knows of it.
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
  await sync(to);
}

async function makeFolderLike(from: string, to: string): Promise<void> {
  await fs.mkdir(to, { mode: 0o700 });
  await keepOwner(from, to);
}

async function copyFile(from: string, to: string): Promise<void> {
  await fs.copyFile(from, to);
  await keepOwner(from, to);
  await sync(to);
}

async function keepOwner(from: string, to: string): Promise<void> {
  if (!isRoot) return;
  const { uid, gid } = await fs.stat(from);
  await fs.chown(to, uid, gid);
}
