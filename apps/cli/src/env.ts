import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the command is told by its environment. NO_COLOR is honoured by Node's own `styleText`. */
export interface Env {
  /** TYPEDO_URL: the service's address. */
  url: string | undefined;
  /** TYPEDO_SESSION: a session in place of the stored one, for machines that nobody signs in on. */
  session: string | undefined;
  /** TYPEDO_PASSWORD: what `login` would ask for. */
  password: string | undefined;
  /** Where credentials are stored. */
  configDir: string;
}

const configHome = (source: NodeJS.ProcessEnv): string =>
  process.platform === 'win32'
    ? source.APPDATA || join(homedir(), 'AppData', 'Roaming')
    : source.XDG_CONFIG_HOME || join(homedir(), '.config');

export const readEnv = (source: NodeJS.ProcessEnv = process.env): Env => ({
  url: source.TYPEDO_URL || undefined,
  session: source.TYPEDO_SESSION || undefined,
  password: source.TYPEDO_PASSWORD || undefined,
  configDir: join(configHome(source), 'typedo'),
});
