'use client';

import { useSyncExternalStore } from 'react';

const subscribe = () => () => {};

/** An instant in the user's own zone and manner; as an ISO date until the browser has taken over. */
export function LocalTime({ iso }: { iso: string }) {
  const words = useSyncExternalStore(
    subscribe,
    () => new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }),
    () => iso.slice(0, 10),
  );
  return <time dateTime={iso}>{words}</time>;
}
