import type { ServerResponse } from 'node:http';
import { CatalogueError, limits, type OwnerId } from '@typedo/contract';

/** The streams that are open, which end with the server and are not without number. */
export interface Streams {
  /** Counts one until what it returns is called. @throws TOO_MANY_STREAMS, UNAVAILABLE once cut */
  open(ownerId: OwnerId, response: ServerResponse): () => void;
  /** How many are open. */
  count(): number;
  /** Cuts all off, for good. Their clients come back by themselves, to go on where they were. */
  cut(): void;
}

export function createStreams(): Streams {
  const streams = new Map<OwnerId, Set<ServerResponse>>();
  let isCut = false;
  return {
    open(ownerId, response) {
      if (isCut) throw new CatalogueError('UNAVAILABLE');
      const own = streams.get(ownerId) ?? new Set();
      if (own.size >= limits.streams) throw new CatalogueError('TOO_MANY_STREAMS');
      streams.set(ownerId, own.add(response));
      const close = (): void => {
        own.delete(response);
        if (own.size === 0 && streams.get(ownerId) === own) streams.delete(ownerId);
      };
      // One that was cut may still be in the middle of a look when its client is back.
      response.once('close', close);
      return close;
    },
    count: () => [...streams.values()].reduce((sum, own) => sum + own.size, 0),
    cut() {
      isCut = true;
      for (const response of [...streams.values()].flatMap((own) => [...own])) response.destroy();
    },
  };
}
