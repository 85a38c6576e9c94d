import { startServer } from '../../server/test/server-process.ts';

/** One of several processes of the service, always at the same address. */
export interface Instance extends AsyncDisposable {
  url: string;
  /** Starts it, with what it is told beside what all are. */
  start(more?: Record<string, string>): Promise<void>;
  /** Tells it to stop, and waits until it has. @throws when it does not end well */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Sends it a signal that does not end it. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** How often it ended without being told to. */
  crashes: () => number;
  /** All that it printed. */
  output: () => string;
}

export function createInstance(port: number, env: Record<string, string>): Instance {
  let run: Awaited<ReturnType<typeof startServer>> | undefined;
  let isTold = false;
  let crashes = 0;
  let printed = '';
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const ended = run;
    if (!ended) return 0;
    isTold = true;
    ended.process.kill(signal);
    const { code } = await ended.exited;
    printed += ended.output();
    run = undefined;
    return code;
  };
  const kill = async (): Promise<void> => void (await end('SIGKILL'));
  return {
    url: `http://127.0.0.1:${port}`,
    async start(more = {}) {
      isTold = false;
      run = await startServer({ ...env, ...more, PORT: `${port}` });
      run.process.once('close', () => {
        if (!isTold) crashes += 1;
      });
      await run.printed(/The API is ready at/);
    },
    async stop() {
      const code = await end('SIGTERM');
      if (code !== 0) throw new Error(`An instance ended with ${code}:\n${printed.slice(-2000)}`);
    },
    kill,
    signal: (name) => void run?.process.kill(name),
    crashes: () => crashes,
    output: () => printed + (run?.output() ?? ''),
    [Symbol.asyncDispose]: kill,
  };
}
