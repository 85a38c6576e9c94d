import { markedId, type Markers } from '../../../scripts/testing/markers.ts';
import type { CallAs, User } from '../../../scripts/testing/users.ts';

/** What ids of a user start from, so that those of two kinds of users sort apart. */
export const idsOf = ({ marker }: User, base: number, length: number): string[] =>
  Array.from({ length }, (_, index) => markedId(marker, base + index));

/**
 * Gives a user two of everything that a list can be filtered by: open and archived lists, tasks
 * in a list and outside, completed, due and in the trash, personal tokens.
 */
export async function furnish(
  user: User,
  { call, markers, base }: { call: CallAs; markers: Markers; base: number },
): Promise<void> {
  const lists = idsOf(user, base, 4);
  for (const [index, id] of lists.entries()) {
    await call(user, 'lists.create', { id, name: `list ${index} of ${user.marker}` });
    if (index >= 2) await call(user, 'lists.archive', { id });
  }
  user.own.set('lists', lists);
  const tasks = idsOf(user, base + 100, 10);
  for (const [index, id] of tasks.entries()) {
    const listId = index === 2 || index === 3 ? lists[1] : null;
    const due = { kind: 'date', date: '2026-12-24' };
    const [title, notes] = [`task ${index} of ${user.marker}`, `notes of ${user.marker}`];
    await call(user, 'tasks.create', { id, title, notes, listId, due });
    if (index >= 4) await call(user, index < 7 ? 'tasks.complete' : 'tasks.delete', { id });
  }
  user.own.set('tasks', tasks);
  const tokens: string[] = [];
  for (const name of ['first', 'second']) {
    const input = { name: `${name} of ${user.marker}`, scopes: ['account:read'], expiresAt: null };
    const { id, token } = await call(user, 'tokens.create', input);
    markers.add(user.name, String(id));
    markers.add(user.name, String(token));
    tokens.push(String(id));
    user.own.set('secrets', [...(user.own.get('secrets') ?? []), String(token)]);
  }
  user.own.set('tokens', tokens);
}

/** What a user fills inputs with. */
export const fillingOf = ({ name, marker, own }: User) => ({
  marker,
  ownId(noun: string, index: number): string {
    const id = own.get(noun)?.[index];
    if (id === undefined) throw new Error(`${name} has no ${noun} to name (${index}).`);
    return id;
  },
});
