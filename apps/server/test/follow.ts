import type { SyncPage, TypedoClient } from '@typedo/client';

/** What a stream gave so far, and how it ended. */
export interface Stream {
  pages: SyncPage[];
  first: Promise<void>;
  titles: () => string[];
  ending: Promise<unknown>;
  close: () => void;
}

/** Subscribes to the changes of a user. */
export function follow(client: TypedoClient, since?: string): Stream {
  const pages: SyncPage[] = [];
  let close = () => {};
  let begin = () => {};
  const first = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const ending = new Promise<unknown>((resolve) => {
    const stream = client.sync.changes.subscribe(since === undefined ? undefined : { since }, {
      onData({ data }) {
        pages.push(data);
        begin();
      },
      onError: resolve,
      onComplete: () => resolve('completed'),
    });
    close = () => stream.unsubscribe();
  });
  const titles = () => pages.flatMap(({ tasks }) => tasks.map(({ title }) => title));
  return { pages, first, titles, ending, close: () => close() };
}
