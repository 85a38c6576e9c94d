import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { type Beginning, beginningKey } from '../tasks/queries.ts';

/** How long a page is left alone before it loads what it can do without at first. */
const quietMs = 4000;

/** Shows what is changed elsewhere, from the page's beginning on, once the page has come to rest. */
export function useLive(): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    const end = new AbortController();
    const beginning = queryClient.getQueryData<Beginning>(beginningKey);
    const timer = setTimeout(() => {
      import('./live.ts')
        .then(({ follow }) => follow(queryClient, beginning, end.signal))
        // When it cannot be loaded, the page is as it would be without.
        .catch(() => {});
    }, quietMs);
    return () => {
      clearTimeout(timer);
      end.abort();
    };
  }, [queryClient]);
}
