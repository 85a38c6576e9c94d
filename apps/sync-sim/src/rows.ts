import type { List, Page, Task } from '@typedo/contract';
import type { User } from '../../../scripts/testing/users.ts';
import type { Rows, State } from '../../../scripts/testing/log.ts';
import { insist } from './wire.ts';

export type Noun = 'lists' | 'tasks';
export type Row = List | Task;

const columnOf: Record<string, string> = { order: 'order_key', due: 'due_date' };
const toColumn = (field: string): string =>
  columnOf[field] ?? field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A row of the wire or of the log as one that can be compared. */
export const asState = (row: Row | State | undefined): State =>
  Object.fromEntries(
    Object.entries(row ?? {}).map(([name, value]) => [
      toColumn(name),
      value instanceof Date || (name.endsWith('_at') && typeof value === 'string')
        ? new Date(value).getTime()
        : value,
    ]),
  );

export const asStates = (rows: Rows): Rows =>
  new Map([...rows].map(([key, row]) => [key, asState(row)]));

export const rowsOf = (lists: Iterable<List>, tasks: Iterable<Task>): Rows =>
  new Map([
    ...[...lists].map((row): [string, State] => [`lists ${row.id}`, asState(row)]),
    ...[...tasks].map((row): [string, State] => [`tasks ${row.id}`, asState(row)]),
  ]);

/** All that a user has, as `lists.list` and `tasks.list` give it. */
export async function listAll(
  url: string,
  user: User,
  onAnswer: (text: string) => void,
): Promise<Rows> {
  const all = async <Item>(path: string, filter: object): Promise<Item[]> => {
    const items: Item[] = [];
    let cursor: string | null | undefined;
    do {
      const input = { ...filter, limit: 100, ...(cursor && { cursor }) };
      const reply = await insist(url, user, { path, input });
      onAnswer(reply.text);
      if (reply.error) throw new Error(`${path}: ${reply.text}`);
      const page = reply.answer as Page<Item>;
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    return items;
  };
  const lists = await all<List>('lists.list', {});
  const filters = [{}, { trashed: true }];
  // Their tasks are in no view but their own.
  const archived = lists.filter((list) => list.archived).map(({ id }) => ({ listId: id }));
  const tasks = [];
  for (const filter of [...filters, ...archived]) {
    tasks.push(...(await all<Task>('tasks.list', filter)));
  }
  return rowsOf(lists, tasks);
}
