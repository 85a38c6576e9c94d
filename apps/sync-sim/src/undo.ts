import { createTasks } from './creations.ts';
import { isSame, readTables, type Rows } from '../../../scripts/testing/log.ts';
import type { Scene } from './scene.ts';

const inOnePush = 100;

/** How many rows are the same in both, but for what the database counts by itself. */
function alike(one: Rows, other: Rows): number {
  if (one.size !== other.size) return 0;
  const counted = { version: 0, updated_at: 0 };
  const isAlike = ([key, row]: [string, object]) =>
    isSame({ ...row, ...counted }, { ...other.get(key), ...counted });
  return [...one].filter(isAlike).length;
}

/** Undoes the deletion of a list with its tasks, and undoes that. */
export async function checkUndo(
  scene: Scene,
  tasks: number,
): Promise<{ rows: number; undone: number; rowsDeleted: number; redone: number }> {
  const { call, world } = scene;
  const { url, operator } = world;
  const user = await scene.newUser('undoing');
  const { id } = await call(user, 'lists.create', { name: 'Home' });
  await createTasks(url, user, { count: tasks, inOnePush, listId: String(id) });
  const read = () => readTables(operator, user.ownerId);
  const before = await read();
  const deletion = await call(user, 'lists.delete', { id });
  const deleted = await read();
  const undo = await call(user, 'history.undo', { revision: deletion.revision });
  const undone = alike(before, await read());
  await call(user, 'history.undo', { revision: undo.revision });
  const redone = alike(deleted, await read());
  return { rows: before.size, undone, rowsDeleted: deleted.size, redone };
}
