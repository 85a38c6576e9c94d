import type { List } from '@typedo/client';
import { cache } from 'react';
import { asUser, typedo } from './typedo.ts';

/** The user's lists in use, asked for once in a request. */
export const lists = cache((): Promise<List[]> =>
  asUser(async () => {
    const { items } = await (await typedo()).lists.list.query({ archived: false, limit: 100 });
    return items;
  }),
);
