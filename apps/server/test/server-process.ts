import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { serverCommand } from '../command.ts';
import { PATH } from '../../../scripts/testing/env.ts';
import { freePort } from '../../../scripts/testing/free-port.ts';

/** The service as a process of its own. */
export interface Run extends AsyncDisposable {
  process: ChildProcess;
  url: string;
  output(): string;
  /** Waits for what it prints; fails with everything printed when it ends before. */
  printed(pattern: RegExp): Promise<void>;
  exited: Promise<{ code: number | null }>;
}

/**
 * Starts it as `pnpm start` does, with nothing of this environment; `nodeArgs` come first, `args` last.
 * `command` is another version of it.
 */
export async function startServer(
  env: Record<string, string>,
  nodeArgs: string[] = [],
  args: string[] = [],
  command: { args: string[]; env: Record<string, string> } = serverCommand,
): Promise<Run> {
  const port = env.PORT ?? String(await freePort());
  const child = spawn(process.execPath, [...nodeArgs, ...command.args, ...args], {
    cwd: tmpdir(),
    env: {
      ...command.env,
      PATH,
      PORT: port,
      BCRYPT_COST: '4',
      RATE_LIMIT: '1000000',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
      for (const listener of listeners) listener();
    });
  }
  const exited = once(child, 'close').then(([code]: unknown[]) => {
    for (const listener of listeners) listener();
    return { code: typeof code === 'number' ? code : null };
  });
  const printed = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (pattern.test(output)) resolve();
        else if (child.exitCode !== null) reject(new Error(`It ended and printed:\n${output}`));
      };
      listeners.add(look);
      look();
    });
  return {
    process: child,
    url: `http://localhost:${port}`,
    output: () => output,
    printed,
    exited,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
