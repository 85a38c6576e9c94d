import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Providers } from '../../features/shell/providers.tsx';
import { Shell } from '../../features/shell/shell.tsx';
import { listsQuery } from '../../features/tasks/queries.ts';
import { lists } from '../../server/lists.ts';
import { prefetch, typedo } from '../../server/typedo.ts';

export default async function AppLayout({ children }: { children: ReactNode }) {
  const queryClient = await prefetch((cache) =>
    cache.fetchQuery({ ...listsQuery(typedo), queryFn: lists }),
  );
  return (
    <Providers>
      <HydrationBoundary state={dehydrate(queryClient)}>
        <Shell>{children}</Shell>
      </HydrationBoundary>
    </Providers>
  );
}
