import type { Figure } from '../../../scripts/figures.ts';
import type { Scene } from './scene.ts';
import { spend } from './spend.ts';

export const limit = 100;

/** Calls ten times as often as a user may, at all instances together. */
export async function checkLimits(scene: Scene): Promise<Figure[]> {
  // The first call of a person is how it is found out who they are.
  const calls = 10 * limit - 1;
  const counts = await spend([scene.stack.url], await scene.newPerson(), calls);
  const [passed, refused] = [1 + (counts.get(200) ?? 0), counts.get(429) ?? 0];
  return [
    {
      name: `limits, calls let through and refused over three instances`,
      value: `${passed} and ${refused}`,
      goal: `${limit} and ${9 * limit}`,
      isMet: passed === limit && refused === 9 * limit,
    },
  ];
}
