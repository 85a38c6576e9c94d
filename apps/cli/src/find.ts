import type { TypedoClient } from '@typedo/client';
import {
  CatalogueError,
  type List,
  type ListId,
  type ListTasksInput,
  type Task,
  type TaskId,
} from '@typedo/contract';
import { CliError } from './errors.ts';
import { oneLine } from './output.ts';
import { collect } from './service.ts';
import { endsIn, isShortId, isWholeId, requireShortId, shortener } from './short-id.ts';

/** Where a task's `listId` is null. */
export const inboxName = 'Inbox';

export const isSameName = (a: string, b: string): boolean =>
  a.trim().toLowerCase() === b.trim().toLowerCase();

const ambiguous = (
  text: string,
  matches: { id: string; name: string }[],
  todo: string,
): CliError => {
  const short = shortener(matches.map(({ id }) => id));
  const named = matches.map(({ id, name }) => `${short(id)} (${oneLine(name)})`);
  const message = `"${text}" could be any of: ${named.join(', ')}.`;
  return new CliError({ code: 'AMBIGUOUS', message, todo, exitCode: 64 });
};

export const allLists = async (typedo: TypedoClient): Promise<List[]> =>
  (await collect((page) => typedo.lists.list.query(page))).items;

/** A list by its name, its id or the end of it; null is the Inbox. @throws LIST_NOT_FOUND, CliError */
export function findList(lists: List[], text: string): ListId | null {
  if (isSameName(text, inboxName)) return null;
  const named = lists.filter(({ name }) => isSameName(name, text));
  const matches =
    named.length > 0 || !isShortId(text) ? named : lists.filter(({ id }) => endsIn(id, text));
  const [list, another] = matches;
  if (another) throw ambiguous(text, matches, 'Give its id.');
  if (list) return list.id;
  if (isWholeId(text)) return text.toLowerCase();
  throw new CatalogueError('LIST_NOT_FOUND', { message: `There is no list "${text}".` });
}

/** Every task that `typedo list` can show with these filters, in archived lists too. */
async function candidates(typedo: TypedoClient, filter: ListTasksInput): Promise<Task[]> {
  const tasksOf = async (input: ListTasksInput) =>
    (await collect((page) => typedo.tasks.list.query({ ...filter, ...input, ...page }))).items;
  // The trash holds them anyway.
  if (filter.trashed) return tasksOf({});
  const [lists, elsewhere] = await Promise.all([allLists(typedo), tasksOf({})]);
  const archived = lists.filter((list) => list.archived);
  const hidden = await Promise.all(archived.map(async ({ id }) => tasksOf({ listId: id })));
  return [...elsewhere, ...hidden.flat()];
}

/** Tasks by their ids or the ends of them. @throws TASK_NOT_FOUND, CliError before any is changed */
export async function findTasks(
  typedo: TypedoClient,
  texts: string[],
  filter: ListTasksInput,
  kind: string,
): Promise<TaskId[]> {
  const ends = texts.filter((text) => !isWholeId(text));
  for (const end of ends) requireShortId(end);
  const tasks = ends.length > 0 ? await candidates(typedo, filter) : [];
  const ids = texts.map((text) => {
    if (isWholeId(text)) return text.toLowerCase();
    const matches = tasks.filter(({ id }) => endsIn(id, text));
    const [task, another] = matches;
    if (another) {
      const named = matches.map(({ id, title }) => ({ id, name: title }));
      throw ambiguous(text, named, 'Give more of its id.');
    }
    if (task) return task.id;
    throw new CatalogueError('TASK_NOT_FOUND', {
      message: `No ${kind} has an id that ends in "${text}".`,
    });
  });
  return [...new Set(ids)];
}
