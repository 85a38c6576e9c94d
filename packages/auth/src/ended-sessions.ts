import type { TokenDb } from '@typedo/db';

const freshMs = 2000;
const usableMs = 4000;

/**
 * The sessions and personal tokens that ended while their access tokens could still live, as the database's trigger
 * lists them. Read again when it is asked and the last reading is two seconds old, so that nothing
 * is read while nobody calls; who finds it four seconds old waits for the next, so that an ended
 * session is refused within five.
 */
export function createEndedSessions(db: Pick<TokenDb, 'endedCredentials'>) {
  let ended: ReadonlySet<string> = new Set();
  let readAt = -Infinity;
  let reading: Promise<void> | undefined;

  const read = async () => {
    const startedAt = performance.now();
    ended = new Set(await db.endedCredentials());
    readAt = startedAt;
  };
  const readOnce = (): Promise<void> => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };

  return {
    async has(id: string): Promise<boolean> {
      const askedAt = performance.now();
      const isTooOld = (): boolean => askedAt - readAt > usableMs;
      if (isTooOld()) await readOnce();
      // One that was under way already may have begun too long ago itself.
      if (isTooOld()) await readOnce();
      // A failure shows once the list is too old to be used.
      if (askedAt - readAt > freshMs) readOnce().catch(() => {});
      return ended.has(id);
    },
  };
}
