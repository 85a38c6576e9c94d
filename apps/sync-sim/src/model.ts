import * as fc from 'fast-check';
import type { User } from '../../../scripts/testing/users.ts';
import { Ledger } from './ledger.ts';
import { differences, readLog, readTables, replay } from '../../../scripts/testing/log.ts';
import { Network } from './network.ts';
import { Replica } from './replica.ts';
import { asStates, listAll, rowsOf } from './rows.ts';
import type { Scene } from './scene.ts';
import { commandOf, furniture, isWrite, type Step, stepsOf } from './steps.ts';
import { type Asked, isPassing, pauseAfter } from './wire.ts';

/** How many replicas the user has, and how many another one. */
const replicasOf = [3, 1];
const callsInQuiet = 20;
const shrinkForMs = 60_000;

export interface Counts {
  runs: number;
  steps: number;
  acknowledged: number;
  faults: number;
  kills: number;
}

/** Takes steps one after another, lets everything arrive, and tells what is not as it must be. */
async function run(scene: Scene, steps: Step[], counts: Counts): Promise<string[]> {
  const { world } = scene;
  counts.runs += 1;
  counts.steps += steps.length;
  const ledgers = new Map<User, Ledger>();
  const replicas: Replica[] = [];
  for (const [index, length] of replicasOf.entries()) {
    const user = await scene.newUser(`user ${index} of run ${counts.runs}`);
    ledgers.set(user, new Ledger());
    replicas.push(...Array.from({ length }, () => new Replica(user)));
  }
  const network = new Network(scene, ledgers);
  const { findings } = network;

  for (const user of ledgers.keys()) {
    const own = replicas.filter((replica) => replica.user === user);
    for (const first of own.slice(0, 1)) {
      for (const command of furniture(first)) network.write(first, command);
      await network.carry(first, first.push(), 'none');
    }
    for (const replica of own) await network.carry(replica, replica.pull(), 'none');
  }
  for (const [serial, { who, act, n, fault, bytes }] of steps.entries()) {
    const replica = replicas[who];
    if (!replica) throw new Error(`There is no replica ${who}.`);
    const carry = (asked: Asked) => network.carry(replica, asked, fault, bytes);
    if (isWrite(act)) network.write(replica, commandOf(replica, act, n, serial));
    else if (act === 'deliver') await network.deliver(n);
    else if (act === 'reset') replica.reset();
    else if (act === 'pull') await carry(replica.pull(n % 3 ? 1 + (n % 5) : undefined));
    else if (replica.outbox[0]) await carry(act === 'push' ? replica.push() : replica.outbox[0]);
  }

  await network.deliverAll();
  /** Calls as long as there is more to be had. */
  const settle = async (replica: Replica, next: () => Asked | undefined): Promise<void> => {
    for (let calls = 0; calls < callsInQuiet; calls += 1) {
      const asked = next();
      if (!asked) return;
      const reply = await network.send(replica, asked);
      if (reply) replica.take(asked, reply);
      if (!reply || isPassing(reply.error)) await pauseAfter(reply);
    }
    findings.push(`${next()?.path} of ${replica.user.name} comes to no end`);
  };
  for (const replica of replicas) {
    await settle(replica, () => (replica.outbox.length > 0 ? replica.push() : undefined));
    replica.hasMore = true;
  }
  for (const replica of replicas) {
    await settle(replica, () => (replica.hasMore ? replica.pull() : undefined));
  }

  for (const [user, ledger] of ledgers) {
    const tables = await readTables(world.operator, user.ownerId);
    const log = await readLog(world.operator, user.ownerId);
    const replayed = replay(log);
    const listed = await listAll(world.url, user, (text) => network.search(user, text));
    findings.push(
      ...replayed.findings,
      ...differences('the log replayed and the tables', replayed.rows, tables),
      ...differences('what is listed and the tables', listed, asStates(tables)),
      ...ledger.judge(log, replayed.states),
    );
    for (const replica of replicas.filter((one) => one.user === user)) {
      const copy = rowsOf(replica.rows.lists.values(), replica.rows.tasks.values());
      findings.push(
        ...replica.findings,
        ...differences('a replica and the tables', copy, asStates(tables)),
      );
    }
    counts.acknowledged += ledger.acknowledged;
  }
  counts.faults += network.faults;
  counts.kills += network.kills;
  return findings;
}

export interface Verdict {
  counts: Counts;
  /** What the first run that failed found, and what leads there again. */
  failure: { findings: string[]; steps: Step[]; seed: number; path: string } | undefined;
}

/**
 * Runs whose steps a seed decides.
 *
 * @param path to the one run that failed before
 * @param isShrunk looks for fewer steps that fail, for a minute
 */
export async function checkModel(
  scene: Scene,
  options: { seed: number; runs: number; path?: string | undefined; isShrunk: boolean },
): Promise<Verdict> {
  const { seed, runs: numRuns, path, isShrunk } = options;
  const counts: Counts = { runs: 0, steps: 0, acknowledged: 0, faults: 0, kills: 0 };
  let findings: string[] = [];
  const property = fc.asyncProperty(
    stepsOf(replicasOf.reduce((sum, length) => sum + length)),
    async (steps) => {
      const found = await run(scene, steps, counts).catch((error: unknown) => [String(error)]);
      if (found.length > 0) findings = found;
      return found.length === 0;
    },
  );
  const first = await fc.check(property, {
    seed,
    numRuns,
    endOnFailure: true,
    ...(path && { path }),
  });
  const again = first.counterexamplePath;
  const shrunk =
    isShrunk && again
      ? await fc.check(property, { seed, path: again, interruptAfterTimeLimit: shrinkForMs })
      : first;
  const told = shrunk.failed ? shrunk : first;
  if (!told.failed) return { counts, failure: undefined };
  const [steps] = told.counterexample ?? [[]];
  const failure = { findings, steps: steps ?? [], seed, path: told.counterexamplePath ?? '' };
  return { counts, failure };
}
