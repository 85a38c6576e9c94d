import { tracked, type TrackedEnvelope } from '@trpc/server';
import type { ChangesInput, OwnerId, SyncPage } from '@typedo/contract';
import type { Context, UserContext } from '../context.ts';
import type { WakeUp } from '../wake-ups.ts';
import { pull, syncPosition } from './pull.ts';

/** How often it looks whether the caller's token still holds: an ended session ends within 5 s. */
const checkMs = 1000;
/** After how many checks it looks into the log although nobody woke it. */
const checksPerLook = 20;

/** What a stream that was woken asked for, and of whom. */
interface SharedPage {
  ownerId: OwnerId;
  since: string;
  page: Promise<SyncPage>;
}

/** The last of each wake-up, which goes with it once nobody has it to come. */
const sharedPages = new WeakMap<WakeUp, SharedPage>();

/**
 * Pulls once for all streams that a wake-up woke and that are at the same position, all of one owner.
 * Such a page was begun after the wake-up, so that it has what they were woken for.
 */
function pullTogether(
  context: UserContext,
  since: string,
  wakeUp: WakeUp | undefined,
): Promise<SyncPage> {
  if (!wakeUp) return pull(context, { since });
  const ownerId = context.actor.owner.id;
  const known = sharedPages.get(wakeUp);
  if (known?.ownerId === ownerId && known.since === since) return known.page;
  const page = pull(context, { since });
  sharedPages.set(wakeUp, { ownerId, since, page });
  // Who comes later tries anew.
  page.catch(() => {
    if (sharedPages.get(wakeUp)?.page === page) sharedPages.delete(wakeUp);
  });
  return page;
}

/**
 * What is changed from a position on, as it happens: pages of {@link pull}, each tracked by the
 * position that it leads to. It ends with what `verifyAgain` throws.
 */
export async function* watchChanges(
  context: UserContext & Pick<Context, 'wakeUps' | 'observer' | 'openStream' | 'verifyAgain'>,
  input: ChangesInput,
  signal: AbortSignal | undefined,
): AsyncGenerator<TrackedEnvelope<SyncPage>> {
  const { actor, wakeUps, observer } = context;
  const close = context.openStream(actor.owner.id);
  let wokenBy: WakeUp | undefined;
  let wokenAt: number | undefined;
  let endPause = (): void => {};
  const stopListening = wakeUps.onWake(actor.owner.id, (wakeUp) => {
    wokenBy = wakeUp;
    if (!wakeUp.isLate) wokenAt ??= performance.now();
    endPause();
  });
  const onAbort = (): void => endPause();
  signal?.addEventListener('abort', onAbort);
  const isOver = (): boolean => signal?.aborted ?? false;
  const isWaiting = (): boolean => wokenBy === undefined && !isOver();
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, checkMs);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  try {
    let since = input.lastEventId ?? input.since;
    if (since === undefined) {
      const { position } = await syncPosition(context);
      since = position;
      yield tracked(position, { lists: [], tasks: [], deleted: [], position, hasMore: false });
    }
    let lookedAt: number | undefined;
    while (!isOver()) {
      const wakeUp = wokenBy;
      // What nobody woke it for was changed after it looked last; how long before it came, who knows.
      const changedAt = wokenAt ?? lookedAt;
      lookedAt = performance.now();
      wokenAt = undefined;
      // Whoever wakes it from here on is heard after this look.
      wokenBy = undefined;
      let page: SyncPage;
      do {
        page = await pullTogether(context, since, wakeUp);
        if (page.position !== since) {
          if (changedAt !== undefined) observer.streamed((performance.now() - changedAt) / 1000);
          yield tracked(page.position, page);
        }
        since = page.position;
        if (page.hasMore) await context.verifyAgain();
      } while (page.hasMore);
      for (let checks = 0; checks === 0 || (checks < checksPerLook && isWaiting()); checks += 1) {
        if (isWaiting()) await pause();
        await context.verifyAgain();
      }
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stopListening();
    close();
  }
}
