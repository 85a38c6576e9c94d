import type { QueryClient } from '@tanstack/react-query';
import type { List, SyncPage } from '@typedo/client';
import { listsKey, tasksKey } from './queries.ts';
import { itemsOf, meanwhile, onTheWay, type Pages, refreshTasks, showTasks } from './use-tasks.ts';
import { byOrder } from './views.ts';

interface Versioned {
  id: string;
  version: number;
}
/** Those that are not older than what shows. */
const newerThan = <Row extends Versioned>(shown: Versioned[], rows: Row[]): Row[] => {
  const versions = new Map(shown.map(({ id, version }) => [id, version]));
  return rows.filter(({ id, version }) => version >= (versions.get(id) ?? 0));
};

/** Shows what was changed elsewhere; a task that the user is changing, once that has settled. */
export function showChanges(queryClient: QueryClient, { lists, tasks, deleted }: SyncPage): void {
  let isStale = false;
  const gone = deleted.map(({ id }) => id);
  const known = queryClient.getQueryData<List[]>(listsKey);
  if (known) {
    const newer = newerThan(known, lists);
    const ids = new Set([...gone, ...newer.map(({ id }) => id)]);
    const others = known.filter(({ id }) => !ids.has(id));
    if (ids.size > 0) queryClient.setQueryData(listsKey, [...others, ...newer].toSorted(byOrder));
    // Which views have the tasks of a list depends on whether it is archived.
    const archived = new Map(known.map((list) => [list.id, list.archived]));
    isStale ||= newer.some((list) => list.archived !== (archived.get(list.id) ?? list.archived));
  }
  isStale ||= gone.some((id) => onTheWay.has(id));
  const pending = tasks.filter(({ id }) => onTheWay.has(id));
  for (const task of newerThan([...meanwhile.values()], pending)) meanwhile.set(task.id, task);
  const shown = queryClient.getQueriesData<Pages>({ queryKey: tasksKey });
  const newer = newerThan(
    shown.flatMap(([, pages]) => itemsOf(pages)),
    tasks,
  );
  showTasks(
    queryClient,
    newer.filter(({ id }) => !onTheWay.has(id)),
    gone.filter((id) => !onTheWay.has(id)),
  );
  refreshTasks(queryClient, isStale);
}
