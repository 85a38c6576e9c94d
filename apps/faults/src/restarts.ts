import { all, type Figure, none } from '../../../scripts/figures.ts';
import { judge } from './judge.ts';
import { startLoad } from './load.ts';
import { startProbe } from './probe.ts';
import type { Scene } from './scene.ts';
import { startStreams } from './streams.ts';
import { until } from './until.ts';

/** Stops the instances one after another, and starts each again before the next is stopped. */
export async function checkRestarts(scene: Scene, rounds: number): Promise<Figure[]> {
  const { stack } = scene;
  const load = startLoad(await scene.newPeople(4), 2);
  const streams = startStreams(await scene.newPeople(3), 4);
  const probe = startProbe(scene, await scene.newPeople(2), [stack.url]);
  let restarts = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const instance of stack.instances) {
      await instance.stop();
      await instance.start();
      // As whoever rolls waits until it is ready.
      await until(async () => (await fetch(`${instance.url}/readyz`)).ok);
      restarts += 1;
    }
  }
  await probe.stop();
  await load.stop();
  const { made, lost, doubled, failures } = await streams.stop();
  const operator = await stack.connectOperator();
  const wrong = Object.values(await judge(operator, load)).flat();
  await operator.end();
  const failed = [...load.failures, ...failures];
  for (const sentence of [...wrong, ...failed].slice(0, 20)) console.log(`restarts: ${sentence}`);
  const plain = probe.answers.filter(({ status }) => status !== 200 && status !== 201);
  for (const [status, { length }] of Map.groupBy(plain, ({ status }) => status))
    console.log(`restarts: ${length} of ${probe.answers.length} calls by fetch alone: ${status}`);
  return [
    all('restarts', restarts, rounds * stack.instances.length),
    none(
      `restarts, failed of ${load.acknowledged() + made} calls by the typed client`,
      failed.length,
    ),
    none(`restarts, failed of ${probe.answers.length} calls by fetch alone`, plain.length),
    none('restarts, writes that were not done once', wrong.length),
    none(`restarts, events lost of ${made}`, lost),
    none('restarts, events doubled', doubled),
  ];
}
