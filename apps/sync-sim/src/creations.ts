import type { SyncCommand } from '@typedo/contract';
import { markedId } from '../../../scripts/testing/markers.ts';
import type { User } from '../../../scripts/testing/users.ts';
import { insist } from './wire.ts';

/** Makes tasks by `sync.push`, one after another: numbered by their titles, and by their ids. */
export async function createTasks(
  url: string,
  user: User,
  options: { count: number; inOnePush: number; listId: string | null },
): Promise<void> {
  const { count, inOnePush, listId } = options;
  const commands = Array.from({ length: count }, (_, n): SyncCommand => {
    const input = { id: markedId(user.marker, n), title: `${n} of ${user.marker}`, listId };
    return { path: 'tasks.create', key: `${n}-${user.marker}`, input };
  });
  while (commands.length > 0) {
    const input = { commands: commands.splice(0, inOnePush) };
    const { text, error } = await insist(url, user, { path: 'sync.push', input });
    if (error ?? text.includes('"error"')) throw new Error(`Tasks could not be made: ${text}`);
  }
}
