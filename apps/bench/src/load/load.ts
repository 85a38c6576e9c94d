import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Job, Outcome } from './job.ts';

export interface Generator extends AsyncDisposable {
  run(job: Pick<Job, 'kind' | 'port' | 'requests' | 'seconds'> & Partial<Job>): Promise<Outcome>;
}

/** Starts the process that loads are made by. */
export async function startGenerator(): Promise<Generator> {
  const child = fork(join(import.meta.dirname, 'generator.ts'), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error('The load generator ended.');
  });
  ended.catch(() => {});
  await once(child, 'message');
  const defaults = {
    offset: 0,
    connections: 32,
    calls: Number.MAX_SAFE_INTEGER,
    rate: 0,
    streams: [],
    streamsEach: 0,
  };
  return {
    async run(job) {
      child.send({ ...defaults, ...job } satisfies Job);
      const [outcome] = await Promise.race([once(child, 'message'), ended]);
      return outcome as Outcome;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended.catch(() => {});
    },
  };
}
