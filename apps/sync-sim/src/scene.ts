import { manifest } from '@typedo/api';
import type { TestDatabase } from '@typedo/db/testing';
import type { Edit } from '../../../scripts/testing/edit-source.ts';
import { createRandom, Markers, type Random } from '../../../scripts/testing/markers.ts';
import { type CallAs, callerOf, newUser, type User } from '../../../scripts/testing/users.ts';
import { startWorld, type World } from '../../../scripts/testing/world.ts';
import { type Gate, startGate } from '../../../scripts/testing/gate.ts';

/** The service, and all that a check of it needs. */
export interface Scene extends AsyncDisposable {
  world: World;
  /** A way to the service that can be cut. */
  gate: Gate;
  markers: Markers;
  random: Random;
  call: CallAs;
  newUser(name: string): Promise<User>;
}

export async function openScene(options: {
  server: TestDatabase;
  seed: number;
  edits?: Edit[] | undefined;
}): Promise<Scene> {
  const { server, seed, edits } = options;
  await using opened = new AsyncDisposableStack();
  const world = opened.use(await startWorld({ server, ...(edits && { edits }), onLog() {} }));
  const gate = opened.use(await startGate(world.url));
  const markers = new Markers();
  const random = createRandom(seed);
  const call = callerOf(world.url, manifest);
  // As the log writes times.
  await world.operator.query(`set timezone = 'UTC'`);
  const all = opened.move();
  return {
    world,
    gate,
    markers,
    random,
    call,
    newUser: (name) => newUser(world.url, name, { markers, random, call }),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
