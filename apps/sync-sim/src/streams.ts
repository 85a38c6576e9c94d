import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@typedo/client';
import type { SyncPage } from '@typedo/contract';
import { createRandom } from '../../../scripts/testing/markers.ts';
import type { User } from '../../../scripts/testing/users.ts';
import { createTasks } from './creations.ts';
import { startGate } from '../../../scripts/testing/gate.ts';
import type { Scene } from './scene.ts';

export interface StreamsOptions {
  seed: number;
  users: number;
  /** Of each user. */
  subscribers: number;
  /** Of all users together: tasks that are made. */
  events: number;
  /** Of each subscriber's connection, at bytes that the seed chooses. */
  cuts: number;
}

export interface StreamsResult {
  delivered: number;
  cuts: number;
  lost: number;
  doubled: number;
  disordered: number;
  foreign: number;
  failures: string[];
}

const bytesOfEvent = 300;
const inOnePush = 5;
const patienceMs = 60_000;

/** Follows many streams, which are cut again and again, and counts what comes of each event. */
export async function checkStreams(scene: Scene, options: StreamsOptions): Promise<StreamsResult> {
  const { seed, subscribers, cuts } = options;
  const events = Math.floor(options.events / options.users);
  const result: StreamsResult = {
    delivered: 0,
    cuts: 0,
    lost: 0,
    doubled: 0,
    disordered: 0,
    foreign: 0,
    failures: [],
  };
  await using opened = new AsyncDisposableStack();
  const seenBy: Set<number>[] = [];

  const subscribe = async (user: User, index: number): Promise<void> => {
    const random = createRandom(seed * 1_000_003 + index);
    const seen = new Set<number>();
    seenBy.push(seen);
    let [last, place, cutsLeft] = [-1, -1, cuts];
    // So many bytes that each cut comes before the last event has.
    const arm = () => gate.cutAfter(random.below((events * bytesOfEvent) / (cuts + 1)));
    const gate = await startGate(scene.world.url, () => {
      result.cuts += 1;
      cutsLeft -= 1;
      if (cutsLeft > 0) arm();
    });
    opened.use(gate);
    arm();
    const client = createClient({ url: gate.url, auth: { jwt: () => user.jwt } });
    const take = ({ tasks, position }: SyncPage): void => {
      if (Number(position) <= place) result.disordered += 1;
      place = Number(position);
      // A page is put in place as a whole: within it there is no order.
      for (const { id, title } of tasks.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
        const [n] = title.split(' ').map(Number);
        if (scene.markers.others(`${id} ${title}`, user.name).length > 0) result.foreign += 1;
        if (n === undefined || seen.has(n)) result.doubled += 1;
        else {
          result.delivered += 1;
          seen.add(n);
          if (n < last) result.disordered += 1;
          last = n;
        }
      }
    };
    const stream = client.sync.changes.subscribe(
      { since: '0' },
      {
        onData: ({ data }) => take(data),
        onError: (error) => result.failures.push(`A stream ended: ${error.message}`),
      },
    );
    opened.defer(() => stream.unsubscribe());
  };

  const users = await Promise.all(
    Array.from({ length: options.users }, (_, index) => scene.newUser(`streaming ${index}`)),
  );
  for (const [index, user] of users.entries()) {
    for (let n = 0; n < subscribers; n += 1) await subscribe(user, index * subscribers + n);
  }
  const creations = { count: events, inOnePush, listId: null };
  await Promise.all(users.map((user) => createTasks(scene.world.url, user, creations)));

  const all = seenBy.length * events;
  let before = -1;
  for (let waitedMs = 0; result.delivered < all && waitedMs < patienceMs; waitedMs += 500) {
    if (result.delivered > before) waitedMs = 0;
    before = result.delivered;
    await sleep(500);
  }
  // What comes twice would come now.
  await sleep(1000);
  result.lost = seenBy.reduce((sum, seen) => sum + events - seen.size, 0);
  return result;
}
