import { hashKey, type QueryClient } from '@tanstack/react-query';
import { isTypedoError, type Position, type SyncPage } from '@typedo/client';
import { historyKey } from '../history/queries.ts';
import { type Beginning, beginningKey } from '../tasks/queries.ts';
import { showChanges } from '../tasks/show-changes.ts';
import { browserClient } from './client.ts';

/** What windows tell each other: what was changed after a position, or, without that, that they are there. */
interface Message {
  session: string;
  since?: Position;
  page?: SyncPage;
}

const nothingAt = (position: Position): SyncPage => ({
  lists: [],
  tasks: [],
  deleted: [],
  position,
  hasMore: false,
});

/** Before it is tried again what was refused. */
const pauseMs = 10_000;
/** In which a window that is not asleep answers another. */
const answerMs = 1000;
/** History is asked for anew no more often than this. */
const historyMs = 500;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Keeps the cache up to date with what is changed elsewhere, until `signal`. Of the windows of one
 * browser, which may hold six connections to a host, one follows the service and tells the others.
 */
export async function follow(
  queryClient: QueryClient,
  beginning: Beginning | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (!beginning || signal.aborted) return;
  const { session, position } = beginning;
  const client = await browserClient();
  let at = position ?? '';
  let isLeading = false;
  let isLed = false;
  let last = Promise.resolve();
  let historyTimer: ReturnType<typeof setTimeout> | undefined;

  const show = (page: SyncPage): void => {
    if (page.lists.length + page.tasks.length + page.deleted.length === 0) return;
    showChanges(queryClient, page);
    // What is being asked for may be answered with what was before.
    void queryClient.invalidateQueries({
      predicate: (query) => query.state.fetchStatus !== 'idle',
    });
    historyTimer ??= setTimeout(() => {
      historyTimer = undefined;
      void queryClient.invalidateQueries({ queryKey: historyKey });
    }, historyMs);
  };

  /** Gives up what there is and asks for everything anew. */
  const restart = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        ({ position: at } = await client.sync.position.query());
        // Those would be taken for fresh at the next change.
        queryClient.removeQueries({ type: 'inactive' });
        void queryClient.invalidateQueries();
        return;
      } catch (error) {
        // The server knows where to send who is not signed in any more.
        if (isTypedoError(error, 'UNAUTHENTICATED', 'SESSION_ENDED')) location.reload();
        await sleep(pauseMs);
      }
    }
  };
  /** One after the other, so that nothing shows that is older than what showed before. */
  const inOrder = (work: () => Promise<void>): Promise<void> =>
    (last = last.then(work).catch(restart));
  const catchUp = async (since: Position): Promise<Position> => {
    try {
      const page = await client.sync.pull.query({ since });
      show(page);
      return page.hasMore ? await catchUp(page.position) : page.position;
    } catch {
      await restart();
      return at;
    }
  };
  const take = (since: Position, page: SyncPage): Promise<void> =>
    inOrder(async () => {
      if (since === at) show(page);
      at = since === at ? page.position : await catchUp(at);
    });

  const channel = new BroadcastChannel('typedo');
  // Absent from plain http of another machine, where each window follows by itself.
  const { locks } = navigator as { locks?: LockManager };
  const tell = (message: Omit<Message, 'session'> = {}): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A channel has no other.
    if (locks || !message.page) channel.postMessage({ session, ...message } satisfies Message);
  };
  const tellPosition = (): void => tell({ since: at, page: nothingAt(at) });
  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    const { since, page } = data;
    if (data.session !== session) {
      // Someone signed in anew in this browser: nothing of who was there before may stay.
      if (!page) location.reload();
    } else if (since && page) {
      isLed = true;
      void take(since, page);
    } else if (isLeading) tellPosition();
  });

  const lead = async (isHeld: AbortSignal): Promise<void> => {
    isLeading = true;
    while (!isHeld.aborted) {
      await last;
      let since = at;
      tellPosition();
      await new Promise<void>((resolve) => {
        const stream = client.sync.changes.subscribe(
          { since },
          {
            onData({ data: page }) {
              tell({ since, page });
              void take(since, page);
              since = page.position;
            },
            onError: () => resolve(),
            onComplete: resolve,
          },
        );
        isHeld.addEventListener('abort', () => {
          stream.unsubscribe();
          resolve();
        });
      });
      if (isHeld.aborted) break;
      await inOrder(restart);
      await sleep(pauseMs);
    }
  };
  /** Follows while it holds the lock, for which it waits unless it steals it. */
  const takeLock = (steal: boolean): void => {
    if (isLeading || signal.aborted) return;
    const held = new AbortController();
    signal.addEventListener('abort', () => held.abort());
    if (!locks) return void lead(held.signal);
    locks
      .request(`typedo ${session}`, { steal }, () => (isLeading ? undefined : lead(held.signal)))
      .catch(() => {
        // Another window has stolen it.
        held.abort();
        isLeading = false;
        takeLock(false);
      });
  };
  /** Sees to it that this window is led by one that is awake: phones put those to sleep that are hidden. */
  const join = (): void => {
    if (document.hidden) return;
    isLed = false;
    tell();
    setTimeout(() => isLed || takeLock(true), answerMs);
  };

  // What a page brings may be older than what has been told, when it was long on its way.
  const hash = hashKey(beginningKey);
  const stopWatching = queryClient.getQueryCache().subscribe(({ type, query }) => {
    if (query.queryHash !== hash || (type !== 'added' && type !== 'updated')) return;
    const brought = query.state.data as Beginning | undefined;
    if (brought && brought.session !== session) location.reload();
    const { position: since } = brought ?? {};
    if (since) void inOrder(async () => void (since !== at && (await catchUp(since))));
  });
  document.addEventListener('visibilitychange', join);
  signal.addEventListener('abort', () => {
    stopWatching();
    document.removeEventListener('visibilitychange', join);
    channel.close();
  });
  if (!at) await inOrder(restart);
  takeLock(false);
  join();
}
