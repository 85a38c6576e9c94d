import { setTimeout as sleep } from 'node:timers/promises';
import { isTypedoError, type TypedoClient } from '@typedo/client';
import {
  CatalogueError,
  type Issue,
  limits,
  type List,
  type ListId,
  type Task,
} from '@typedo/contract';
import { v7 as uuidv7 } from 'uuid';
import type { TaskRecord } from './csv-tasks.ts';
import { isSameName } from './find.ts';

export interface ImportPlan {
  records: TaskRecord[];
  /** The lists that the tasks go to, by the name in the file in lower case. */
  lists: Map<string, ListId>;
  newLists: { id: ListId; name: string }[];
}

const keyOf = (name: string): string => name.trim().toLowerCase();

/** Decides where everything goes. @throws VALIDATION_FAILED when that cannot be done */
export function planImport(records: TaskRecord[], existing: List[]): ImportPlan {
  const lists = new Map<string, ListId>();
  const newLists: ImportPlan['newLists'] = [];
  const issues: Issue[] = [];
  for (const { line, list } of records) {
    if (list === null || lists.has(keyOf(list))) continue;
    const named = existing.filter(({ name }) => isSameName(name, list));
    const open = named.find(({ archived }) => !archived);
    if (named.length > 0 && !open) {
      issues.push({ path: [line, 'list'], message: `The list "${list}" is archived.` });
    }
    const id = open?.id ?? uuidv7();
    lists.set(keyOf(list), id);
    if (named.length === 0) newLists.push({ id, name: list });
  }
  if (issues.length > 0) throw notImportable(issues);
  return { records, lists, newLists };
}

export const notImportable = (issues: Issue[]): CatalogueError =>
  new CatalogueError('VALIDATION_FAILED', { message: 'Nothing was imported.', issues });

/** How long to wait before a chunk that got no answer is sent once more. */
const retryDelaysMs = [500, 2000, 5000];

/** What happened in an earlier call that got no answer need not happen again. */
const unlessTaken = async <T>(call: Promise<T>): Promise<T | undefined> =>
  call.catch((error: unknown) => {
    if (isTypedoError(error, 'ID_TAKEN')) return undefined;
    throw error;
  });

/** Waits for all calls, also when one fails, so that none is under way when they are repeated. */
async function settle<T>(calls: Promise<T>[]): Promise<T[]> {
  const failed = (await Promise.allSettled(calls)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return Promise.all(calls);
}

/** Every id is made beforehand, so a call may be sent again without anything being there twice. */
async function untilAnswered<T>(send: () => Promise<T>): Promise<T> {
  for (const delayMs of retryDelaysMs) {
    try {
      return await send();
    } catch (error) {
      if (isTypedoError(error) && !isTypedoError(error, 'UNAVAILABLE')) throw error;
      await sleep(delayMs);
    }
  }
  return send();
}

const chunked = <Item>(items: Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );

/** Calls of one request run side by side, and what was overtaken goes to the end of its list anew. */
async function putInOrder(typedo: TypedoClient, tasks: Task[]): Promise<void> {
  const lastOrders = new Map<ListId | null, string>();
  for (const { id, listId, order } of tasks) {
    const last = lastOrders.get(listId) ?? '';
    const isOvertaken = order < last;
    const kept = isOvertaken
      ? await untilAnswered(() => typedo.tasks.move.mutate({ id }))
      : { order };
    lastOrders.set(listId, kept.order);
  }
}

/** Imports in the file's order, one request at a time; `onProgress` is told how many are there. */
export async function importTasks(
  typedo: TypedoClient,
  { records, lists, newLists }: ImportPlan,
  onProgress: (imported: number) => void = () => {},
): Promise<void> {
  const listIdOf = (name: string | null) => (name === null ? null : lists.get(keyOf(name)));
  for (const list of newLists) {
    await untilAnswered(() => unlessTaken(typedo.lists.create.mutate(list)));
  }
  let imported = 0;
  for (const chunk of chunked(records, limits.batchSize)) {
    const made = await untilAnswered(async () =>
      settle(
        chunk.map(async ({ task, list }) =>
          unlessTaken(typedo.tasks.create.mutate({ ...task, listId: listIdOf(list) })),
        ),
      ),
    );
    await putInOrder(
      typedo,
      made.filter((task) => task !== undefined),
    );
    const completed = chunk.filter((record) => record.completed);
    await untilAnswered(async () =>
      settle(completed.map(({ task }) => typedo.tasks.complete.mutate({ id: task.id }))),
    );
    imported += chunk.length;
    onProgress(imported);
  }
}

/** What of an import that could not go on is there and what is not. */
export function whereStopped({ records }: ImportPlan, imported: number): string {
  const next = records[imported]?.line;
  const last = records.slice(imported, imported + limits.batchSize).at(-1)?.line;
  return (
    `${imported} of ${records.length} tasks were imported, all above line ${next}. ` +
    `Of lines ${next} to ${last} some may have been, of later ones none.`
  );
}
