import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { startTestServer } from '@typedo/db/testing/server';
import { all, atLeast, type Figure, none, report } from '../../../scripts/figures.ts';
import { createRandom } from '../../../scripts/testing/markers.ts';
import { checkModel, type Verdict } from './model.ts';
import { partsOf, type Size } from './parts.ts';
import { planted } from './planted.ts';
import { openScene, type Scene } from './scene.ts';

const { values } = parseArgs({
  options: {
    full: { type: 'boolean' },
    runs: { type: 'string' },
    seed: { type: 'string' },
    /** To a run of the model that failed, and to nothing else. */
    path: { type: 'string' },
    /** A planted bug, for the model alone to fail. */
    planted: { type: 'string' },
    json: { type: 'string' },
  },
});
const seed = Number(values.seed ?? randomInt(2 ** 31));
const size: Size & { runs: number } = values.full
  ? {
      runs: 2000,
      streams: { users: 5, subscribers: 20, events: 10_000, cuts: 20 },
      creates: 1000,
      operations: 50_000,
    }
  : {
      runs: 25,
      streams: { users: 2, subscribers: 3, events: 200, cuts: 2 },
      creates: 50,
      operations: 1000,
    };
const runs = values.path === undefined ? Number(values.runs ?? size.runs) : 1;
const runsUntilNoticed = 200;
const { path } = values;
const given = planted.find(({ name }) => name === values.planted);
if (values.planted !== undefined && !given) {
  throw new Error(`--planted takes one of: ${planted.map(({ name }) => name).join(', ')}`);
}
const isModelAlone = path !== undefined || given !== undefined;

const tell = (name: string, { failure }: Verdict, most: number): void => {
  for (const finding of failure?.findings.slice(0, most) ?? []) {
    console.log(`${name}, seed ${seed}, path ${failure?.path}: ${finding.slice(0, 400)}`);
  }
};

async function model(scene: Scene): Promise<Figure[]> {
  const verdict = await checkModel(scene, { seed, runs, path, isShrunk: !given });
  const { counts, failure } = verdict;
  tell('model', verdict, 20);
  if (failure) console.log(JSON.stringify(failure.steps));
  const { steps, acknowledged, faults, kills } = counts;
  const what = `${steps} steps, ${acknowledged} commands taken, ${faults} faults, ${kills} kills`;
  return [
    atLeast('model, runs', counts.runs, runs),
    none(`model, violations in ${what}`, failure?.findings.length ?? 0),
  ];
}

const server = await startTestServer();
const figures: Figure[] = [];
try {
  {
    await using scene = await openScene({ server, seed, edits: given?.edits });
    figures.push(...(await model(scene)));
    if (!isModelAlone) figures.push(...(await partsOf(scene, seed, size)));
    const ending = scene.world.ending();
    if (ending) console.log(ending);
    figures.push(none('crashes', ending ? 1 : 0));
  }
  const chosen = values.full ? planted : [createRandom(seed).pick(planted)];
  const noticed: string[] = [];
  for (const { name, edits } of isModelAlone ? [] : chosen) {
    await using scene = await openScene({ server, seed, edits });
    const verdict = await checkModel(scene, { seed, runs: runsUntilNoticed, isShrunk: false });
    tell(`with ${name}`, verdict, 1);
    if (verdict.failure) noticed.push(name);
  }
  if (!isModelAlone) {
    figures.push(all(`planted bugs noticed, of ${planted.length}`, noticed.length, chosen.length));
  }
} finally {
  await server.stop();
}
await report(figures, { seed, file: values.json });
