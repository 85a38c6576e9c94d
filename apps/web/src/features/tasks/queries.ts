import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { List, ListTasksInput, Position, TypedoClient } from '@typedo/client';
import { limits } from '@typedo/contract';

/** How to get at the client: at once on the server, once it is loaded in the browser. */
type Client = () => Promise<TypedoClient>;

/** What every list of tasks is kept under in the cache; its input comes next. */
export const tasksKey = ['tasks', 'list'] as const;
/** What the user's lists are kept under. */
export const listsKey = ['lists', 'list'] as const;

/** What the page's beginning is kept under. */
export const beginningKey = ['beginning'] as const;

/** What the server knew before it read anything for a page. */
export interface Beginning {
  /** Names the session that the page is of, and nobody can sign in by it. */
  session: string;
  /** Where the user's data were; undefined while the service was away. */
  position: Position | undefined;
}

/** Tasks page by page; the same on the server, which asks first, and in the browser. */
export const tasksQuery = (client: Client, input: ListTasksInput) =>
  infiniteQueryOptions({
    queryKey: [...tasksKey, input] as const,
    queryFn: async ({ pageParam: cursor, signal }) =>
      (await client()).tasks.list.query(
        { ...input, limit: limits.pageSize, ...(cursor && { cursor }) },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

/** Every list in the user's order, archived ones too. */
export const listsQuery = (client: Client) =>
  queryOptions({
    queryKey: listsKey,
    queryFn: async ({ signal }) => {
      const typedo = await client();
      const ask = async (cursor?: string): Promise<List[]> => {
        const input = { limit: limits.pageSize, ...(cursor && { cursor }) };
        const { items, nextCursor } = await typedo.lists.list.query(input, { signal });
        return nextCursor ? [...items, ...(await ask(nextCursor))] : items;
      };
      return ask();
    },
  });
