import type { Database } from '@typedo/db';
import type { Log } from './log.ts';

const intervalMs = 60 * 60 * 1000;

/**
 * Keeps the horizon from now on, every hour. Instances that do so at once do no harm.
 *
 * @returns what ends it, when the run in progress has ended
 */
export function keepHorizon(database: Database, log: Log): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const run = async (): Promise<void> => {
    try {
      const gone = await database.forgetPast(new Date());
      if (gone.tasks + gone.changes + gone.keys > 0)
        log.info(gone, 'deleted what is past the horizon');
    } catch (err) {
      log.warn({ err }, 'could not delete what is past the horizon, and will try again');
    }
  };
  const start = (): void => {
    running = running.then(run);
  };
  start();
  const timer = setInterval(start, intervalMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
