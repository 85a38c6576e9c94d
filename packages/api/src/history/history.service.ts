import {
  CatalogueError,
  type ChangePage,
  limits,
  type PageInput,
  type RevisionKey,
} from '@typedo/contract';
import { isNoSuchRevision, undoBlocked } from '@typedo/db';
import type { UserContext } from '../context.ts';
import { afterCursor, orderBy, toPage } from '../cursor.ts';
import { latestFirst, toChange } from './change.ts';

export async function listHistory({ db }: UserContext, input: PageInput = {}): Promise<ChangePage> {
  const limit = input.limit ?? limits.defaultPageSize;
  const rows = await db.change.findMany({
    where: { ...(input.cursor && afterCursor(latestFirst, input.cursor)) },
    orderBy: orderBy(latestFirst),
    take: limit + 1,
  });
  return toPage(latestFirst, rows, limit, toChange);
}

/** Undoes all of a revision or nothing, as a revision of its own, which can be undone again. */
export async function undoRevision(
  { db }: UserContext,
  { revision }: RevisionKey,
): Promise<RevisionKey> {
  try {
    return { revision: Number(await db.undo(BigInt(revision))) };
  } catch (error) {
    if (isNoSuchRevision(error)) throw new CatalogueError('REVISION_NOT_FOUND', { cause: error });
    const reason = undoBlocked(error);
    if (!reason) throw error;
    throw new CatalogueError('UNDO_BLOCKED', { message: reason, cause: error });
  }
}
