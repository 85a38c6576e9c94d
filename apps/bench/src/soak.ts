import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, none, report } from '../../../scripts/figures.ts';
import { planOf } from './calls.ts';
import { firstCall } from './check.ts';
import { readOptions } from './options.ts';
import { type Memory, memory, openHandles } from './process.ts';
import { openScene } from './scene.ts';
import { startServer } from './servers.ts';

// `pnpm bench:soak`: mixed work for long, and what becomes of memory and handles.

interface Look extends Memory {
  minute: number;
  handles: number;
}

const options = readOptions();
const { minutes } = options;
/** An access token lives longer than that. */
const stretchMinutes = Math.min(5, minutes / 6);
const lookEveryMs = Math.min(10_000, (minutes * 60_000) / 60);
const slopeGoal = 1;
const rate = Math.min(options.rate, 300);
const connections = 100;
/** What is opened and closed again all the time, such as connections to the database. */
const spareHandles = 5;

/** MB in ten minutes, by least squares. */
function slopeOf(looks: Look[]): number {
  const mean = (values: number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [
    mean(looks.map((look) => look.minute)),
    mean(looks.map((look) => look.privateMb)),
  ];
  const along = looks.reduce((sum, look) => sum + (look.minute - x) * (look.privateMb - y), 0);
  return (10 * along) / looks.reduce((sum, look) => sum + (look.minute - x) ** 2, 0);
}

await using scene = await openScene(options, ['typedo']);
const { data, generator } = scene;
const first = await firstCall('typedo', data);
const { url: databaseUrl, directUrl } = data.database;
await using server = await startServer({ name: 'typedo', data, first, databaseUrl, directUrl });
const { pid, port } = server;
const looks: Look[] = [];
let errors = 0;

const load = async (seconds: number): Promise<void> => {
  const { requests } = await planOf('typedo', 'mixed', data);
  const outcome = await generator.run({ kind: 'open', port, requests, seconds, rate, connections });
  errors += outcome.errors;
  if (outcome.firstError) console.log(outcome.firstError);
};
await load(stretchMinutes * 60);
await sleep(2000);
const handlesBefore = openHandles(pid);

const startedAt = performance.now();
const timer = setInterval(() => {
  const minute = (performance.now() - startedAt) / 60_000;
  const look = { minute, handles: openHandles(pid), ...memory(pid) };
  looks.push(look);
  const { handles, rssMb, privateMb } = look;
  console.log(
    `${minute.toFixed(1)} min: private ${privateMb.toFixed(1)} MB, RSS ${rssMb.toFixed(1)} MB, ${handles} handles`,
  );
}, lookEveryMs);
while (performance.now() - startedAt < minutes * 60_000) await load(stretchMinutes * 60);
clearInterval(timer);
await sleep(2000);

const slope = slopeOf(looks);
const handles = openHandles(pid) - handlesBefore;
const figures: Figure[] = [
  none('calls that failed', errors),
  {
    name: `private memory over ${minutes} minutes, MB in 10 minutes`,
    value: Number(slope.toFixed(2)),
    goal: `under ${slopeGoal}`,
    isMet: slope < slopeGoal,
  },
  {
    name: 'handles more than before',
    value: handles,
    goal: `at most ${spareHandles}`,
    isMet: handles <= spareHandles,
  },
];
await report(figures, { seed: options.seed, file: options.json });
