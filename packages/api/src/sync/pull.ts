import {
  CatalogueError,
  limits,
  type PullInput,
  type SyncPage,
  type SyncPosition,
  type Tombstone,
} from '@typedo/contract';
import type { LogEntry, UserDb } from '@typedo/db';
import type { UserContext } from '../context.ts';
import { toList } from '../lists/list.ts';
import { toTask } from '../tasks/task.ts';
import { after, type Place, toPlace, toPosition } from './position.ts';

type LogPlace = Extract<Place, { position: number }>;
type RowPlace = Extract<Place, { noun: string }>;

/** Below every id. */
const firstId = '00000000-0000-0000-0000-000000000000';

/** After everything that there is now. */
export const syncPosition = async ({ db }: UserContext): Promise<SyncPosition> => ({
  position: toPosition(after(await db.revision())),
});

/**
 * What a copy lacks since a position, or the first page of everything.
 *
 * @throws POSITION_EXPIRED
 */
export async function pull(
  { db }: Pick<UserContext, 'db'>,
  { since, limit = limits.syncPageSize }: PullInput = {},
): Promise<SyncPage> {
  if (since === undefined) {
    const revision = Number(await db.revision());
    return pullRows(db, { revision, noun: 'lists', id: firstId }, limit);
  }
  const place = toPlace(since);
  return 'noun' in place ? pullRows(db, place, limit) : pullChanges(db, place, limit);
}

/**
 * Everything, by id: lists, then tasks. What is changed meanwhile is in the log after the revision
 * that the first page began at, where it goes on from the last one.
 */
async function pullRows(db: UserDb, place: RowPlace, limit: number): Promise<SyncPage> {
  const { revision, noun, id } = place;
  const page = (from: string, take: number) => ({
    where: { id: { gt: from } },
    orderBy: [{ id: 'asc' as const }],
    take,
  });
  const lists = noun === 'lists' ? await db.list.findMany(page(id, limit)) : [];
  const room = limit - lists.length;
  const tasks = room > 0 ? await db.task.findMany(page(noun === 'tasks' ? id : firstId, room)) : [];
  const last = tasks.at(-1) ?? lists.at(-1);
  const isFull = lists.length + tasks.length === limit;
  return {
    lists: lists.map(toList),
    tasks: tasks.map(toTask),
    deleted: [],
    position: toPosition(
      isFull && last
        ? { revision, noun: tasks.length > 0 ? 'tasks' : 'lists', id: last.id }
        : after(revision),
    ),
    // What was changed meanwhile comes next.
    hasMore: true,
  };
}

/** Whether an entry is the one that comes right after a place, so that none is missing between. */
const follows = (entry: LogEntry, { revision, position }: LogPlace): boolean =>
  (entry.revision === revision && entry.position === position + 1) ||
  (entry.revision === revision + 1 && entry.position === 1);

/** What rows are now that the log has entries of: they can be newer than its page, and never older. */
async function pullChanges(db: UserDb, place: LogPlace, limit: number): Promise<SyncPage> {
  const { head, entries } = await db.log(place, limit + 1);
  const page = entries.slice(0, limit);
  let last = place;
  for (const entry of page) {
    if (!follows(entry, last)) throw new CatalogueError('POSITION_EXPIRED');
    last = { revision: entry.revision, position: entry.position };
  }
  if (page.length === 0 && place.revision !== Number(head)) {
    throw new CatalogueError('POSITION_EXPIRED');
  }
  const idsOf = (noun: Tombstone['noun']): string[] => [
    ...new Set(page.filter(({ entity }) => entity === noun).map(({ entityId }) => entityId)),
  ];
  const ids = { lists: idsOf('lists'), tasks: idsOf('tasks') };
  const of = (known: string[]) => ({
    where: { id: { in: known } },
    orderBy: [{ id: 'asc' as const }],
  });
  const [lists, tasks] = await Promise.all([
    ids.lists.length > 0 ? db.list.findMany(of(ids.lists)) : [],
    ids.tasks.length > 0 ? db.task.findMany(of(ids.tasks)) : [],
  ]);
  const present = new Set([...lists, ...tasks].map(({ id }) => id));
  const deleted = (['lists', 'tasks'] as const).flatMap((noun) =>
    ids[noun].filter((id) => !present.has(id)).map((id) => ({ noun, id })),
  );
  const hasMore = entries.length > limit;
  return {
    lists: lists.map(toList),
    tasks: tasks.map(toTask),
    deleted,
    position: toPosition(hasMore ? last : after(head)),
    hasMore,
  };
}
