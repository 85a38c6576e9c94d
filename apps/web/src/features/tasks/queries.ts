import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { ListTasksInput, TypedoClient } from '@typedo/client';

/** How to get at the client: at once on the server, once it is loaded in the browser. */
type Client = () => Promise<TypedoClient>;

const pageSize = 100;
/** What every list of tasks is kept under in the cache; its input comes next. */
export const tasksKey = ['tasks', 'list'] as const;
/** What the user's lists are kept under. */
export const listsKey = ['lists', 'list'] as const;

/** Tasks page by page; the same on the server, which asks first, and in the browser. */
export const tasksQuery = (client: Client, input: ListTasksInput) =>
  infiniteQueryOptions({
    queryKey: [...tasksKey, input] as const,
    queryFn: async ({ pageParam: cursor, signal }) =>
      (await client()).tasks.list.query(
        { ...input, limit: pageSize, ...(cursor && { cursor }) },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

/** The lists that are in use; more than a hundred of them nobody can see at once. */
export const listsQuery = (client: Client) =>
  queryOptions({
    queryKey: listsKey,
    queryFn: async ({ signal }) =>
      (await client()).lists.list.query({ archived: false, limit: pageSize }, { signal }),
  });
