import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { today } from '../../server/today.ts';
import { prefetch, typedo } from '../../server/typedo.ts';
import { tasksQuery } from './queries.ts';
import { TaskView } from './task-view.tsx';
import type { View } from './views.ts';

/** A view with its tasks, asked for on the server and handed to the browser's cache. */
export async function TaskPage({ view, heading }: { view: View; heading?: ReactNode }) {
  const queryClient = await prefetch((cache) =>
    cache.fetchInfiniteQuery(tasksQuery(typedo, view.input)),
  );
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <TaskView view={view} today={await today()} heading={heading} />
    </HydrationBoundary>
  );
}
