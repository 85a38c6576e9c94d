import { setTimeout as sleep } from 'node:timers/promises';

const patienceMs = 90_000;
const pauseMs = 20;

/** Asks again and again until it is so, and tells after how many milliseconds. @throws when it is not to be */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<number> {
  const from = performance.now();
  while (!(await isSo())) {
    if (performance.now() - from > patienceMs)
      throw new Error(`It never came true: ${String(isSo)}`);
    await sleep(pauseMs);
  }
  return performance.now() - from;
}
