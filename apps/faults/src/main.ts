import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type Figure, none, report } from '../../../scripts/figures.ts';
import { checkDatabase } from './database.ts';
import { checkKills } from './kills.ts';
import { checkLimits, limit } from './limits.ts';
import { checkOverload } from './overload.ts';
import { checkRedis } from './redis.ts';
import { checkRestarts } from './restarts.ts';
import { createScene, type Scene } from './scene.ts';
import { startStack } from './stack.ts';

const { values } = parseArgs({
  options: {
    full: { type: 'boolean' },
    seed: { type: 'string' },
    /** One of the parts alone. */
    part: { type: 'string' },
    json: { type: 'string' },
  },
});
const seed = Number(values.seed ?? randomInt(2 ** 31));
const isFull = values.full ?? false;

let isLimited = false;
const limitInstances = async ({ stack }: Scene): Promise<void> => {
  if (isLimited) return;
  isLimited = true;
  for (const instance of stack.instances) {
    await instance.kill();
    await instance.start({ RATE_LIMIT: `${limit}` });
  }
};

const parts: Record<string, (scene: Scene) => Promise<Figure[]>> = {
  kills: (scene) =>
    checkKills(scene, isFull ? { kills: 50, between: 500 } : { kills: 6, between: 100 }),
  restarts: (scene) => checkRestarts(scene, isFull ? 20 : 1),
  database: (scene) =>
    checkDatabase(scene, isFull ? { downMs: 60_000, cuts: 100 } : { downMs: 1000, cuts: 5 }),
  overload: (scene) => checkOverload(scene, isFull ? 10 : 3),
  async redis(scene) {
    await limitInstances(scene);
    return checkRedis(scene, isFull ? 5 : 1);
  },
  async limits(scene) {
    await limitInstances(scene);
    return checkLimits(scene);
  },
};
if (values.part !== undefined && !Object.hasOwn(parts, values.part)) {
  throw new Error(`--part takes one of: ${Object.keys(parts).join(', ')}`);
}

const figures: Figure[] = [];
await using stack = await startStack();
const scene = createScene(stack, { seed, isFull });
for (const [name, check] of Object.entries(parts)) {
  if (values.part !== undefined && values.part !== name) continue;
  const from = performance.now();
  figures.push(...(await check(scene)));
  console.log(`${name}: done in ${Math.round((performance.now() - from) / 1000)} s`);
}
const lines = stack.instances.flatMap((instance) => instance.output().split('\n'));
const leaks = lines.flatMap((line) => scene.markers.inLog(line));
const bugs = lines.filter((line) => line.includes('"msg":"INTERNAL"'));
for (const line of [...leaks.slice(0, 5), ...bugs.slice(0, 5)]) console.log(line);
figures.push(
  none('lines of the log that tell of a user', leaks.length),
  none('lines of the log that tell of a bug', bugs.length),
);
await report(figures, { seed, file: values.json });
