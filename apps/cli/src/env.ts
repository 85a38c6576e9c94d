import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the command is told by its environment. NO_COLOR is honoured by Node's own `hasColors`. */
export interface Env {
  /** TYPEDO_URL: the service's address. */
  url: string | undefined;
  /** TYPEDO_TOKEN: a personal token in place of what is stored, for machines that nobody signs in on. */
  token: string | undefined;
  /** TYPEDO_SESSION: the same with a session. */
  session: string | undefined;
  /** TYPEDO_PASSWORD: what `login` would ask for. */
  password: string | undefined;
  /** Where credentials are stored. */
  configDir: string;
  /** Where what can be made again is kept. */
  cacheDir: string;
}

const configHome = (source: NodeJS.ProcessEnv): string =>
  process.platform === 'win32'
    ? source.APPDATA || join(homedir(), 'AppData', 'Roaming')
    : source.XDG_CONFIG_HOME || join(homedir(), '.config');

const cacheHome = (source: NodeJS.ProcessEnv): string =>
  process.platform === 'win32'
    ? source.LOCALAPPDATA || join(homedir(), 'AppData', 'Local')
    : source.XDG_CACHE_HOME || join(homedir(), '.cache');

export const readEnv = (source: NodeJS.ProcessEnv = process.env): Env => ({
  url: source.TYPEDO_URL || undefined,
  token: source.TYPEDO_TOKEN || undefined,
  session: source.TYPEDO_SESSION || undefined,
  password: source.TYPEDO_PASSWORD || undefined,
  configDir: join(configHome(source), 'typedo'),
  cacheDir: join(cacheHome(source), 'typedo'),
});
