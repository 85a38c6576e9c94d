import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import { HistoryView } from '../../../features/history/history-view.tsx';
import { historyQuery } from '../../../features/history/queries.ts';
import { actorNames } from '../../../server/actors.ts';
import { timeZone } from '../../../server/today.ts';
import { prefetch, typedo } from '../../../server/typedo.ts';

export const metadata = { title: 'History' };

export default async function HistoryPage() {
  const [queryClient, actors, zone] = await Promise.all([
    prefetch((cache) => cache.fetchInfiniteQuery(historyQuery(typedo))),
    actorNames(),
    timeZone(),
  ]);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <HistoryView actors={actors} timeZone={zone} />
    </HydrationBoundary>
  );
}
