import type { List } from '@typedo/client';
import { QueryClient } from '@tanstack/react-query';
import { cache } from 'react';
import { listsQuery } from '../features/tasks/queries.ts';
import { beginning, typedo } from './typedo.ts';

/** The user's lists, asked for once in a request. */
export const lists = cache(async (): Promise<List[]> => {
  await beginning();
  return new QueryClient().fetchQuery(listsQuery(typedo));
});
