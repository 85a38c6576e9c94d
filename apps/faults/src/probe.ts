import { setTimeout as sleep } from 'node:timers/promises';
import { writtenOut } from '../../../scripts/testing/markers.ts';
import type { WireRequest } from '../../server/test/requests.ts';
import { type Answer, ask, isDone } from './ask.ts';
import type { Person, Scene } from './scene.ts';

const pauseMs = 20;
/** At each place: less would miss what one call that waits keeps others from seeing. */
const askers = 3;

/** Asks everywhere, all the time. */
export interface Probe {
  answers: Answer[];
  /** What had something of another user. */
  foreign: string[];
  /** Of `/livez`, at each instance. */
  life: Answer[];
  stop(): Promise<void>;
}

const requests: WireRequest[] = [
  { method: 'GET', path: '/api/v1/tasks' },
  { method: 'GET', path: '/api/trpc/lists.list' },
  { method: 'POST', path: '/api/v1/tasks', body: '{"title":"by hand"}' },
];
const livez: WireRequest = { method: 'GET', path: '/livez' };

/** @param places addresses that are asked */
export function startProbe({ stack, markers }: Scene, people: Person[], places: string[]): Probe {
  const probe: Omit<Probe, 'stop'> = { answers: [], foreign: [], life: [] };
  const over = new AbortController();
  const work = async (place: string, first: number): Promise<void> => {
    for (let n = first; !over.signal.aborted; n += 1) {
      const [person, request] = [people[n % people.length], requests[n % requests.length]];
      if (!person || !request) return;
      const answer = await ask(place, person, request);
      const others = markers.others(writtenOut(answer.text), person.name);
      if (others.length > 0) probe.foreign.push(`${person.name} got what is of ${others.join()}`);
      probe.answers.push({ ...answer, text: isDone(answer) ? '' : answer.text });
      await sleep(pauseMs);
    }
  };
  const watch = async ({ url }: { url: string }): Promise<void> => {
    while (!over.signal.aborted) {
      probe.life.push(await ask(url, { jwt: '', headers: {} }, livez));
      await sleep(pauseMs);
    }
  };
  const working = Promise.all([
    ...places.flatMap((place) => Array.from({ length: askers }, (_, n) => work(place, n))),
    ...stack.instances.map(watch),
  ]);
  return {
    ...probe,
    async stop() {
      over.abort();
      await working;
    },
  };
}
