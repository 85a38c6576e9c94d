import { infiniteQueryOptions } from '@tanstack/react-query';
import type { Change, TypedoClient } from '@typedo/client';
import { limits } from '@typedo/contract';

/** What the history is kept under in the cache. */
export const historyKey = ['history'] as const;

/** Younger than this, it has just come with the page. */
const freshMs = 3000;

export const isName = ({ field }: { field: string }): boolean =>
  field === 'title' || field === 'name';

/** The log page by page, each with the titles of today that its changes do not tell. */
export const historyQuery = (client: () => Promise<TypedoClient>) =>
  infiniteQueryOptions({
    queryKey: historyKey,
    queryFn: async ({ pageParam: cursor, signal }) => {
      const typedo = await client();
      const page = await typedo.history.list.query({ ...(cursor && { cursor }) }, { signal });
      return { ...page, titles: await titlesOf(typedo, page.items, signal) };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    staleTime: freshMs,
  });

/**
 * By id. The lists of tasks have almost all that changed lately, in three calls; a call for each
 * task would soon reach the limit of calls.
 */
async function titlesOf(
  typedo: TypedoClient,
  changes: Change[],
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const told = new Set(changes.filter(({ fields }) => fields.some(isName)).map(({ id }) => id));
  const wanted = new Set(
    changes.filter(({ noun, id }) => noun === 'tasks' && !told.has(id)).map(({ id }) => id),
  );
  if (wanted.size === 0) return {};
  const pages = await Promise.all(
    [{ completed: false }, { completed: true }, { trashed: true }].map((view) =>
      typedo.tasks.list.query({ ...view, limit: limits.pageSize }, { signal }),
    ),
  );
  const titles: Record<string, string> = {};
  for (const { id, title } of pages.flatMap(({ items }) => items)) {
    if (wanted.delete(id)) titles[id] = title;
  }
  await Promise.all(
    [...wanted].map(async (id) => {
      // Without one when it is gone, unless a change on another page tells it.
      const task = await typedo.tasks.get.query({ id }, { signal }).catch(() => undefined);
      if (task) titles[id] = task.title;
    }),
  );
  return titles;
}
