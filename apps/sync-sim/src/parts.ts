import { all, atLeast, type Figure, none } from '../../../scripts/figures.ts';
import { checkDroppedAnswers, checkOneKey } from './retries.ts';
import type { Scene } from './scene.ts';
import { checkStreams } from './streams.ts';
import { checkUndo } from './undo.ts';
import { checkWriters } from './writers.ts';

export interface Size {
  streams: { users: number; subscribers: number; events: number; cuts: number };
  creates: number;
  operations: number;
}

const callsAtOnce = 100;
const writers = 64;
const tasks = 500;

const tell = (part: string, findings: string[]): void => {
  for (const finding of findings.slice(0, 20)) console.log(`${part}: ${finding.slice(0, 600)}`);
};

async function streams(scene: Scene, seed: number, size: Size['streams']): Promise<Figure[]> {
  const { delivered, cuts, lost, doubled, foreign, disordered, failures } = await checkStreams(
    scene,
    { seed, ...size },
  );
  tell('streams', failures);
  const subscribers = size.users * size.subscribers;
  const due = subscribers * (size.events / size.users);
  return [
    all(`streams, deliveries of ${size.events} events to ${subscribers}`, delivered, due),
    all('streams, cuts', cuts, subscribers * size.cuts),
    none('streams, events lost', lost),
    none('streams, events doubled', doubled),
    none('streams, events of another user', foreign),
    none('streams, events and positions out of order', disordered),
    none('streams, failures', failures.length),
  ];
}

async function retries(scene: Scene, creates: number): Promise<Figure[]> {
  const { dropped, answered, rows } = await checkDroppedAnswers(scene, creates);
  const oneKey = await checkOneKey(scene, callsAtOnce);
  return [
    all('creates whose answer was dropped', dropped, creates),
    all('creates answered when they were sent again', answered, creates),
    all('rows of these creates', rows, creates),
    all(`rows of ${callsAtOnce} calls at once with one key`, oneKey.rows, 1),
    all(`different answers of ${callsAtOnce} calls at once with one key`, oneKey.answers, 1),
  ];
}

async function writing(scene: Scene, seed: number, wanted: number): Promise<Figure[]> {
  const result = await checkWriters(scene, { seed, writers, operations: wanted });
  const { operations, deadlocks, revisions, acknowledged, findings } = result;
  tell('writers', findings);
  return [
    atLeast(`operations of ${writers} writers of one user`, operations, wanted),
    none('writers, deadlocks', deadlocks),
    none(
      `writers, violations in ${revisions} revisions of ${acknowledged} commands taken`,
      findings.length,
    ),
  ];
}

async function undoing(scene: Scene): Promise<Figure[]> {
  const { rows, undone, rowsDeleted, redone } = await checkUndo(scene, tasks);
  return [
    all(`rows as before a list of ${tasks} tasks was deleted, once that is undone`, undone, rows),
    all('rows as after it, once the undoing is undone', redone, rowsDeleted),
  ];
}

/** What is looked at beside the model. */
export const partsOf = async (scene: Scene, seed: number, size: Size): Promise<Figure[]> => [
  ...(await streams(scene, seed, size.streams)),
  ...(await retries(scene, size.creates)),
  ...(await writing(scene, seed, size.operations)),
  ...(await undoing(scene)),
];
