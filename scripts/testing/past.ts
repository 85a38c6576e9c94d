import { existsSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { succeed } from './commands.ts';

const root = join(import.meta.dirname, '../..');
const migrationsFolder = 'prisma/migrations';

const git = async (...args: string[]): Promise<string> => (await succeed('git', args, root)).trim();

/** The last commit before a migration came, under whatever name. */
export async function commitBefore(migration: string): Promise<string> {
  const file = `${migrationsFolder}/${migration}/migration.sql`;
  const found = await git('log', '--follow', '--diff-filter=A', '--format=%H', '--', file);
  return git('rev-parse', `${found.split('\n').at(-1)}^`);
}

/** The migrations that a commit has. */
export async function migrationsAt(commit: string): Promise<string[]> {
  const found = await git('ls-tree', '-d', '--name-only', `${commit}:${migrationsFolder}`);
  return found.split('\n');
}

/** The service as it was at a commit, in a folder that is kept. */
export async function checkOut(commit: string): Promise<string> {
  const folder = join(tmpdir(), 'typedo-past', commit);
  const isReady = join(folder, 'ready');
  if (existsSync(isReady)) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await succeed('sh', ['-c', `git archive ${commit} | tar -x -C ${folder}`], root);
  await succeed('npx', ['-y', 'pnpm@12', 'install', '--frozen-lockfile'], folder);
  await succeed('node_modules/.bin/prisma', ['generate'], folder);
  const panel = ['--filter', '@typedo/panel', '--if-present', 'run', 'build'];
  await succeed('npx', ['-y', 'pnpm@12', ...panel], folder);
  await writeFile(isReady, '');
  return folder;
}

/**
 * Gives such a service these migrations, as they are now, and no others.
 *
 * @returns the program of its server
 */
export async function giveMigrations(folder: string, migrations: string[]): Promise<string> {
  await rm(join(folder, migrationsFolder), { recursive: true });
  for (const name of migrations) {
    const from = join(root, migrationsFolder, name);
    await cp(from, join(folder, migrationsFolder, name), { recursive: true });
  }
  return join(folder, 'apps/server/src/main.ts');
}
