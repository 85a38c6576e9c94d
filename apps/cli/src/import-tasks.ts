import { setTimeout as sleep } from 'node:timers/promises';
import { isTypedoError, type TypedoClient } from '@typedo/client';
import {
  CatalogueError,
  type Issue,
  limits,
  type List,
  type ListId,
  type SyncCommand,
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

/** How long to wait before commands that got no answer are sent once more. */
const retryDelaysMs = [500, 2000, 5000];

/** A command, and how many tasks are imported once it is done. */
interface Step {
  command: SyncCommand;
  imported: number;
}

const stepsOf = ({ records, lists, newLists }: ImportPlan): Step[] => {
  const step = (imported: number, path: string, input: object): Step => ({
    command: { path, input, key: uuidv7() },
    imported,
  });
  return [
    ...newLists.map((list) => step(0, 'lists.create', list)),
    ...records.flatMap(({ task, list, completed }, index) => {
      const listId = list === null ? null : lists.get(keyOf(list));
      const create = step(completed ? index : index + 1, 'tasks.create', { ...task, listId });
      return completed ? [create, step(index + 1, 'tasks.complete', { id: task.id })] : [create];
    }),
  ];
};

/** As many as one request may bring, with some room for what is around them. */
function fitting(commands: SyncCommand[]): SyncCommand[] {
  let bytes = 0;
  const first = commands.slice(0, limits.pushedCommands);
  const tooMany = first.findIndex((command, index) => {
    bytes += Buffer.byteLength(JSON.stringify(command));
    return index > 0 && bytes > 0.9 * limits.bodyBytes;
  });
  return tooMany === -1 ? first : first.slice(0, tooMany);
}

/** Sends what is next; tells how many steps were done, and the error that it stopped at. */
async function push(
  typedo: TypedoClient,
  steps: Step[],
): Promise<{ done: number; error?: unknown }> {
  const commands = fitting(steps.map(({ command }) => command));
  try {
    const { results } = await typedo.sync.push.mutate({ commands });
    const done = results.findIndex(({ error }) => error !== undefined);
    const refusal = results[done]?.error;
    if (!refusal) return { done: results.length };
    return { done, error: new CatalogueError(refusal.code, refusal) };
  } catch (error) {
    return { done: 0, error };
  }
}

/** How long to wait before the next try; undefined when there is to be none. */
const delayAfter = (error: unknown, tries: number): number | undefined => {
  const known = isTypedoError(error) ? error.data : error instanceof CatalogueError ? error : null;
  if (known?.code === 'RATE_LIMITED') return (known.retryAfterSeconds ?? 1) * 1000;
  const isPassing = !known || ['UNAVAILABLE', 'IN_FLIGHT'].includes(known.code);
  return isPassing ? retryDelaysMs[tries] : undefined;
};

/** Imports in the file's order; `onProgress` is told how many tasks are there. */
export async function importTasks(
  typedo: TypedoClient,
  plan: ImportPlan,
  onProgress: (imported: number) => void = () => {},
): Promise<void> {
  let tries = 0;
  for (let left = stepsOf(plan); left.length > 0;) {
    const { done, error } = await push(typedo, left);
    if (done > 0) onProgress(left[done - 1]?.imported ?? 0);
    left = left.slice(done);
    if (error === undefined) continue;
    const delayMs = delayAfter(error, tries);
    if (delayMs === undefined) throw error;
    tries = done > 0 ? 0 : tries + 1;
    await sleep(delayMs);
  }
}

/** What of an import that could not go on is there and what is not. */
export function whereStopped({ records }: ImportPlan, imported: number): string {
  const next = records[imported]?.line;
  const last = records.slice(imported, imported + limits.pushedCommands).at(-1)?.line;
  return (
    `${imported} of ${records.length} tasks were imported, all above line ${next}. ` +
    `Of lines ${next} to ${last} some may have been, of later ones none.`
  );
}
