import * as fs from 'node:fs/promises';
import { errorCode } from './errors.ts';

/** What does not lie in a data directory: what PostgreSQL's user could not reach there. */
export const sharedDir = '/var/lib/typedo';

/** Makes a folder that every user can enter, whatever the umask. */
export async function makeSharedDir(folder: string): Promise<string> {
  await fs.mkdir(folder, { recursive: true });
  await fs.chmod(sharedDir, 0o755);
  await fs.chmod(folder, 0o755);
  return folder;
}

/** Removes a folder; what an overtaken start still writes there goes at the next start. */
export async function discard(folder: string): Promise<void> {
  await fs.rm(folder, { recursive: true, force: true }).catch(() => undefined);
}

export async function exists(path: string): Promise<boolean> {
  return fs.access(path).then(
    () => true,
    (error: unknown) => {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    },
  );
}

/** Makes a file, or what a folder's entries are called, outlive a power cut. */
export async function sync(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await fs.open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
