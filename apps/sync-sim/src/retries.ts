import type { User } from '../../../scripts/testing/users.ts';
import type { Scene } from './scene.ts';
import { ask, type Asked, insist, resultsOf } from './wire.ts';

const countRows = async ({ world }: Scene, { ownerId }: User): Promise<number> => {
  const { rows } = await world.operator.query<{ count: number }>(
    'select count(*)::int as count from tasks where owner_id = $1',
    [ownerId],
  );
  return rows[0]?.count ?? 0;
};

/** Each second one by `sync.push`. The service makes the ids, so that only keys tell calls apart. */
const creation = (n: number, key: string): Asked => {
  const command = { path: 'tasks.create', key, input: { title: `task ${n}` } };
  return n % 2 ? { path: 'sync.push', input: { commands: [command] } } : command;
};

/** Makes tasks whose answers are dropped after the commit, each again until it is answered. */
export async function checkDroppedAnswers(
  scene: Scene,
  creates: number,
): Promise<{ dropped: number; answered: number; rows: number }> {
  const user = await scene.newUser('answers dropped');
  const { gate } = scene;
  const ids = new Set<unknown>();
  let dropped = 0;
  for (let n = 0; n < creates; n += 1) {
    const asked = creation(n, `${n}-${user.marker}`);
    gate.cutAfter(0);
    await ask(gate.url, user, asked).catch(() => {
      dropped += 1;
    });
    gate.cutAfter(Infinity);
    const [result] = resultsOf(asked, await insist(gate.url, user, asked));
    ids.add((result?.answer as { id?: string } | undefined)?.id);
  }
  ids.delete(undefined);
  return { dropped, answered: ids.size, rows: await countRows(scene, user) };
}

/** The same call many times at once. */
export async function checkOneKey(
  scene: Scene,
  calls: number,
): Promise<{ answers: number; rows: number }> {
  const user = await scene.newUser('one key');
  const asked = creation(0, `one-${user.marker}`);
  const replies = await Promise.all(
    Array.from({ length: calls }, () => insist(scene.world.url, user, asked)),
  );
  return {
    answers: new Set(replies.map(({ text }) => text)).size,
    rows: await countRows(scene, user),
  };
}
