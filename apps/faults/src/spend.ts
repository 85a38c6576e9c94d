import { ask } from './ask.ts';
import type { Person } from './scene.ts';

const atOnce = 50;
const request = { method: 'GET', path: '/api/v1/lists' };

/** How often each status was answered, 0 for no answer. */
export type Counts = Map<number, number>;

export const add = (counts: Counts, status: number, more = 1): unknown =>
  counts.set(status, (counts.get(status) ?? 0) + more);

/** Calls as a user, at each address in turn. */
export async function spend(urls: string[], person: Person, calls: number): Promise<Counts> {
  const counts: Counts = new Map();
  let made = 0;
  const work = async (): Promise<void> => {
    while (made < calls) {
      const url = urls[made % urls.length] ?? '';
      made += 1;
      const { status } = await ask(url, person, request);
      add(counts, status);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return counts;
}
