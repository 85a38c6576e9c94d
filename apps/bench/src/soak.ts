import { setTimeout as sleep } from 'node:timers/promises';
import { atMost, type Figure, none, report } from '../../../scripts/figures.ts';
import { freePort } from '../../../scripts/testing/free-port.ts';
import { planOf } from './calls.ts';
import { firstCall } from './check.ts';
import { attachInspector } from './inspector.ts';
import { readOptions } from './options.ts';
import { memory, openHandles, watchMemory } from './process.ts';
import { openScene } from './scene.ts';
import { startServer } from './servers.ts';

// `pnpm bench:soak`: mixed work for long, and what becomes of memory and handles.

interface Remaining {
  /** What V8 uses, and what it holds outside of its heap. */
  liveMb: number;
  /** That, with the gaps that malloc has by chance, some 5 MB more or less. */
  privateMb: number;
  handles: number;
}

interface Evaluated {
  result: { value: number };
}

const options = readOptions();
const { minutes } = options;
/** An access token lives longer than that. */
const stretchMinutes = Math.min(5, minutes / 6);
/** Each stretch brings new tokens, which are known until they end: after these, as many end as come. */
const stretchesBefore = 3;
const lookEveryMs = Math.min(10_000, (minutes * 60_000) / 60);
const slopeGoal = 1;
const rate = Math.min(options.rate, 300);
const connections = 100;
/** What is opened and closed again all the time, such as connections to the database. */
const spareHandles = 5;
const settleMs = 2000;

await using scene = await openScene(options, ['typedo']);
const { data, generator } = scene;
const first = await firstCall('typedo', data);
const { url: databaseUrl, directUrl } = data.database;
const inspectorPort = await freePort();
await using server = await startServer({
  name: 'typedo',
  data,
  first,
  databaseUrl,
  directUrl,
  nodeArgs: [`--inspect=127.0.0.1:${inspectorPort}`],
});
const { pid, port } = server;
let errors = 0;

const load = async (seconds: number): Promise<void> => {
  const { requests } = await planOf('typedo', 'mixed', data);
  const outcome = await generator.run({ kind: 'open', port, requests, seconds, rate, connections });
  errors += outcome.errors;
  if (outcome.firstError) console.log(outcome.firstError);
};

/**
 * What is left when all is collected that can be. Between two collections of its own the heap grows
 * to three times what it needs, for twenty minutes and more of this load: a line through that tells
 * where in between the half hour began and ended, and nothing of what is kept.
 */
async function remaining(): Promise<Remaining> {
  await sleep(settleMs);
  using inspector = await attachInspector(inspectorPort);
  await inspector.ask('HeapProfiler.collectGarbage');
  await sleep(settleMs);
  const expression = 'process.memoryUsage().heapUsed + process.memoryUsage().external';
  const answer = (await inspector.ask('Runtime.evaluate', { expression })) as Evaluated;
  return {
    liveMb: answer.result.value / 1024 ** 2,
    privateMb: memory(pid).privateMb,
    handles: openHandles(pid),
  };
}

for (let stretch = 0; stretch < stretchesBefore; stretch += 1) await load(stretchMinutes * 60);
const before = await remaining();
const peakSoFar = watchMemory(pid);
const startedAt = performance.now();
const timer = setInterval(() => {
  const minute = (performance.now() - startedAt) / 60_000;
  const { rssMb, privateMb } = memory(pid);
  console.log(
    `${minute.toFixed(1)} min: private ${privateMb.toFixed(1)} MB, RSS ${rssMb.toFixed(1)} MB, ${openHandles(pid)} handles`,
  );
}, lookEveryMs);
while (performance.now() - startedAt < minutes * 60_000) await load(stretchMinutes * 60);
clearInterval(timer);
const peak = peakSoFar();
const after = await remaining();

const slope = (10 * (after.liveMb - before.liveMb)) / minutes;
const inMb = ({ liveMb, privateMb }: Remaining): string =>
  `${liveMb.toFixed(1)} MB live, ${privateMb.toFixed(1)} private`;
console.log(
  `remaining: ${inMb(before)}; after ${minutes} minutes ${inMb(after)}; private in between at most ${peak.privateMb.toFixed(1)} MB`,
);
const figures: Figure[] = [
  none('calls that failed', errors),
  {
    name: `live memory, MB more in 10 of ${minutes} minutes`,
    value: Number(slope.toFixed(2)),
    goal: `under ${slopeGoal}`,
    isMet: slope < slopeGoal,
  },
  atMost('handles more than before', after.handles - before.handles, spareHandles),
];
await report(figures, { seed: options.seed, file: options.json });
