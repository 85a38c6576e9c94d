import type { ListPage } from '@typedo/client';
import { QueryClient } from '@tanstack/react-query';
import { cache } from 'react';
import { listsQuery } from '../features/tasks/queries.ts';
import { typedo } from './typedo.ts';

/** The user's lists in use, asked for once in a request. */
export const lists = cache((): Promise<ListPage> =>
  new QueryClient().fetchQuery(listsQuery(typedo)),
);
