import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PATH } from '../../../scripts/testing/env.ts';

const root = join(import.meta.dirname, '../../..');

export interface Program {
  /** Where it serves. */
  url: string;
  pid: number;
  /** Everything that it printed so far. */
  output(): string;
  isRunning(): boolean;
  exited: Promise<{ code: number | null }>;
  /** Ends it as an operator does, and waits for that. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Runs a program of the repository until it prints `Typedo is ready at` and where.
 *
 * @throws Error with everything printed, when it ends before
 */
export async function startProgram(file: string, env: Record<string, string>): Promise<Program> {
  const child = spawn(process.execPath, [file], {
    cwd: root,
    // Next's types would have NODE_ENV in it, which is not the tests' to say.
    env: { PATH, ...env } as Record<string, string> as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A run that is broken off leaves nothing behind either.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  const exited = once(child, 'close').then(([code]: unknown[]) => ({
    code: typeof code === 'number' ? code : null,
  }));
  void exited.then(() => process.off('exit', kill));
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        const [, found] = /Typedo is ready at (\S+)/.exec(output) ?? [];
        if (found) resolve(found);
      });
    }
    void exited.then(({ code }) => reject(new Error(`It ended with ${code}:\n${output}`)));
  });
  const stop = async () => {
    child.kill();
    await exited;
  };
  return {
    url,
    pid: child.pid ?? 0,
    output: () => output,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    exited,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** The production web server as a process of its own, on a free port, before the API at `apiUrl`. */
export async function startWebServer(
  apiUrl: string,
  env: Record<string, string> = {},
): Promise<Program> {
  const web = await startProgram('apps/web/server.ts', {
    API_URL: apiUrl,
    WEB_PORT: '0',
    TYPEDO_TRY: '1',
    ...env,
  });
  return { ...web, url: web.url.replace('localhost', '127.0.0.1') };
}
