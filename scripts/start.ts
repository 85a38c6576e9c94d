import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { serverCommand } from '../apps/server/command.ts';
import { ConfigurationError } from '../apps/server/src/env.ts';
import { readStartEnv } from './env.ts';

// `pnpm start` and `pnpm dev`: builds what is out of date, then runs the API and the web app until
// one of them ends or this process is told to, which ends both.

const root = join(import.meta.dirname, '..');
const isDev = process.argv.includes('--dev');
const isWindows = process.platform === 'win32';

/** Stands for the exit code of what a signal ended, and is the least that shells give such a thing. */
const signalled = 128;

/** How each program running now is told to end. */
const running = new Map<ChildProcess, () => void>();
let isStopping = false;

/** Once, however often it is asked for: the API takes a second signal as a wish to end at once. */
const stop = (): void => {
  if (isStopping) return;
  isStopping = true;
  for (const end of running.values()) end();
};

/** Runs a program on this Node to its end; `isTree` where it does not pass signals on by itself. */
const run = async (
  args: string[],
  { env, isTree = false }: { env: NodeJS.ProcessEnv; isTree?: boolean },
): Promise<number> => {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    // In a process group of its own: Ctrl-C signals the whole group of the terminal, and pnpm and
    // this process would pass the same signal on a second time.
    detached: !isWindows,
  });
  running.set(child, () => {
    if (isTree && !isWindows && child.pid) process.kill(-child.pid, 'SIGTERM');
    else child.kill('SIGTERM');
  });
  const [code] = await once(child, 'exit');
  running.delete(child);
  return typeof code === 'number' ? code : signalled;
};

/** What keeps a program from listening there, if anything, found out before a build takes its time. */
const problemWith = async (name: string, host: string, port: number): Promise<string[]> => {
  const probe = createServer().listen({ host, port });
  try {
    await once(probe, 'listening');
    return [];
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    const sentence = `Port ${port} on ${host} is in use. Stop what listens there, or set ${name} to another.`;
    // Anything else is the program's own to explain.
    return isTaken ? [sentence] : [];
  } finally {
    probe.close();
  }
};

const start = async (): Promise<number> => {
  const { env, programEnv } = readStartEnv();
  const problems = [
    ...(await problemWith('PORT', env.HOST, env.PORT)),
    ...(await problemWith('WEB_PORT', env.HOST, env.WEB_PORT)),
  ];
  if (problems.length > 0) throw new ConfigurationError(problems.join('\n'));

  const what = isDev
    ? ['--filter=@typedo/db...']
    : ['--filter=@typedo/server...', '--filter=@typedo/web...'];
  const build = ['run', 'build', ...what, '--output-logs=errors-only', '--log-order=grouped'];
  const failed = await run(['node_modules/turbo/bin/turbo', ...build], {
    env: programEnv,
    isTree: true,
  });
  if (isStopping) return 0;
  if (failed) return failed;

  const address = ['--hostname', env.HOST, '--port', String(env.WEB_PORT)];
  const programs = isDev
    ? [
        ['--watch', 'apps/server/src/main.ts'],
        ['apps/web/node_modules/next/dist/bin/next', 'dev', 'apps/web', ...address],
      ]
    : [serverCommand.args, ['apps/web/server.ts']];
  const codes = await Promise.all(
    programs.map(async (args) => {
      const code = await run(args, { env: { ...serverCommand.env, ...programEnv } });
      if (!isStopping) {
        stop();
        // Nobody told it to end.
        return code > 0 && code < signalled ? code : 1;
      }
      return code >= signalled ? 0 : code;
    }),
  );
  return Math.max(...codes);
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
try {
  process.exitCode = await start();
} catch (error) {
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exitCode = 1;
}
