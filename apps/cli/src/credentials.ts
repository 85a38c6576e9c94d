import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from './errors.ts';

/** What stands for the user: a personal token, or a session. */
export type Secret = { token: string } | { session: string };

/** Who is signed in, and where. */
export type StoredCredentials = { url: string } & Secret;

const fileIn = (configDir: string): string => join(configDir, 'credentials.json');

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

const parse = (text: string): StoredCredentials | undefined => {
  try {
    const { url, session, token } = JSON.parse(text) as Record<string, unknown>;
    if (typeof url !== 'string') return undefined;
    if (typeof token === 'string') return { url, token };
    return typeof session === 'string' ? { url, session } : undefined;
  } catch {
    return undefined;
  }
};

/** @throws CliError when the file is there and cannot be understood */
export async function readCredentials(configDir: string): Promise<StoredCredentials | undefined> {
  const file = fileIn(configDir);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const credentials = parse(text);
  if (credentials) return credentials;
  throw new CliError({
    code: 'CREDENTIALS_DAMAGED',
    message: `${file} is damaged.`,
    todo: 'Delete it, and sign in again: typedo login',
    exitCode: 78,
  });
}

/** Keeps them where only this user can read; a crash leaves the former file or the new one. */
export async function writeCredentials(
  configDir: string,
  credentials: StoredCredentials,
): Promise<void> {
  await mkdir(configDir, { recursive: true, mode: 0o700 });
  await chmod(configDir, 0o700);
  const draft = `${fileIn(configDir)}.${process.pid}`;
  await rm(draft, { force: true });
  await writeFile(draft, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(draft, fileIn(configDir));
}

export const removeCredentials = async (configDir: string): Promise<void> =>
  rm(fileIn(configDir), { force: true });
