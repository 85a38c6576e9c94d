import { setTimeout as sleep } from 'node:timers/promises';
import { all, atLeast, type Figure, none } from '../../../scripts/figures.ts';
import { judge } from './judge.ts';
import { startLoad } from './load.ts';
import type { Scene } from './scene.ts';
import { until } from './until.ts';

const longestMs = 1000;

/**
 * Kills parts in turns, and networks between them, while people write.
 *
 * @param options `between` is after how many acknowledged writes the next is done
 */
export async function checkKills(
  scene: Scene,
  options: { kills: number; between: number },
): Promise<Figure[]> {
  const { kills, between } = options;
  const { random, stack } = scene;
  const { instances, postgres, redis, gates } = stack;
  const people = await scene.newPeople(16);
  const down = () => sleep(random.below(longestMs));
  const turns: (() => Promise<void>)[] = [
    ...instances.map((instance) => async () => {
      await instance.kill();
      await down();
      await instance.start();
    }),
    async () => {
      await postgres.kill();
      await down();
      await postgres.start();
    },
    async () => {
      await redis.kill();
      await down();
      await redis.start();
    },
    async () => {
      await Promise.all([postgres.kill(), redis.kill(), ...instances.map((one) => one.kill())]);
      await down();
      await Promise.all([postgres.start(), redis.start()]);
      await Promise.all(instances.map((one) => one.start()));
    },
  ];
  const crashed = () => instances.reduce((sum, { crashes }) => sum + crashes(), 0);
  const before = crashed();
  const load = startLoad(people, 2);
  const from = performance.now();
  const someMore = async (): Promise<unknown> => {
    const mark = load.acknowledged() + between;
    return until(() => load.acknowledged() >= mark);
  };
  let done = 0;
  for (; done < kills; done += 1) {
    await someMore();
    await turns[done % turns.length]?.();
    await someMore();
    const gate = random.pick(Object.values(gates));
    gate.cut();
    gate.hold(true);
    await down();
    gate.hold(false);
  }
  await someMore();
  await load.stop();
  const perSecond = Math.round((load.acknowledged() * 1000) / (performance.now() - from));
  const operator = await stack.connectOperator();
  const verdict = await judge(operator, load);
  await operator.end();
  const sentences = [...load.refusals, ...Object.values(verdict).flat()];
  for (const sentence of sentences.slice(0, 20)) console.log(`kills: ${sentence}`);
  return [
    all('kills', done, kills),
    scene.timed(atLeast('kills, acknowledged writes a second', perSecond, 200)),
    none(`kills, lost of ${load.acknowledged()} acknowledged writes`, verdict.lost.length),
    none('kills, writes refused for good', load.refusals.length),
    none('kills, doubled', verdict.doubled.length),
    none('kills, torn', verdict.torn.length),
    none('kills, differences of log and tables', verdict.unlike.length),
    none('kills, instances that ended by themselves', crashed() - before),
  ];
}
