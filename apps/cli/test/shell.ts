import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { cliEnv } from '../../../scripts/testing/env.ts';

export interface Ran {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface Shell {
  /** The environment of its processes. */
  env: NodeJS.ProcessEnv;
  /** The folder of the credentials file. */
  configDir: string;
  /** A folder for the test's own files. */
  dir: string;
  typedo: (...args: string[]) => Promise<Ran>;
  /** What a command prints with `--json`. */
  json: <T>(...args: string[]) => Promise<T>;
  /** A command that reads standard input. */
  piped: (input: string, ...args: string[]) => Promise<Ran>;
  importCsv: (...args: string[]) => Promise<Ran>;
  report: (...args: string[]) => Promise<Ran>;
}

export const main = join(import.meta.dirname, '../src/main.ts');
export const importScript = join(import.meta.dirname, '../scripts/import-csv.ts');
const reportScript = join(import.meta.dirname, '../scripts/report.ts');

/** A user's shell: real processes, no terminal, and a configuration folder of its own. */
export async function openShell(variables: Record<string, string> = {}): Promise<Shell> {
  const dir = await mkdtemp(join(tmpdir(), 'typedo-cli-'));
  onTestFinished(async () => rm(dir, { recursive: true, force: true }));
  const env = {
    ...cliEnv,
    XDG_CONFIG_HOME: join(dir, 'config'),
    ...variables,
  };

  const run = async (script: string, args: string[], input = ''): Promise<Ran> => {
    const child = spawn(process.execPath, [script, ...args], { env });
    // A command that needs no input ends without reading it.
    child.stdin.on('error', () => {}).end(input);
    const [stdout, stderr, [exitCode]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    return { exitCode, stdout, stderr };
  };
  const typedo = async (...args: string[]) => run(main, args);
  return {
    env,
    dir,
    configDir: join(dir, 'config', 'typedo'),
    typedo,
    json: async <T>(...args: string[]) => {
      const { exitCode, stdout, stderr } = await typedo(...args, '--json');
      if (exitCode !== 0) throw new Error(`typedo ${args.join(' ')} exits ${exitCode}: ${stderr}`);
      return JSON.parse(stdout) as T;
    },
    piped: async (input, ...args) => run(main, args, input),
    importCsv: async (...args) => run(importScript, args),
    report: async (...args) => run(reportScript, args),
  };
}
