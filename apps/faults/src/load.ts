import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isTypedoError, type List } from '@typedo/client';
import type { Person } from './scene.ts';

const tasksOfList = 4;
const pauseMs = 100;
const patienceMs = 120_000;

/** What was acknowledged, in the words of the log. */
export interface Write {
  entity: 'lists' | 'tasks';
  operation: 'insert' | 'update' | 'delete';
  /** The text that this write alone has; of what is deleted, its id. */
  name: string;
  /** So many rows changed by it. */
  rows: number;
}

/** People at work, each with many programs, none of which lets go of a write until it is acknowledged. */
export interface Load {
  writes: Map<Person, Write[]>;
  acknowledged(): number;
  /** Calls that the typed client gave up, and that were made again with their keys. */
  failures: string[];
  /** Those that were not, because they were refused for good: nobody but the service changed anything. */
  refusals: string[];
  /** Lets each program come to an end of what it is at. */
  stop(): Promise<void>;
}

export function startLoad(people: Person[], programs: number): Load {
  const writes = new Map(people.map((person): [Person, Write[]] => [person, []]));
  const failures: string[] = [];
  const refusals: string[] = [];
  let [count, acknowledged] = [0, 0];
  const over = new AbortController();

  const insist = async <Answer>(
    send: (options: { context: { idempotencyKey: string } }) => Promise<Answer>,
  ): Promise<Answer> => {
    const options = { context: { idempotencyKey: randomUUID() } };
    const from = performance.now();
    for (;;) {
      try {
        return await send(options);
      } catch (error) {
        failures.push(String(error));
        const isFinal = isTypedoError(error) && !isTypedoError(error, 'UNAVAILABLE', 'IN_FLIGHT');
        if (isFinal || performance.now() - from > patienceMs) throw error;
        await sleep(pauseMs);
      }
    }
  };
  const work = async (person: Person): Promise<void> => {
    const { lists, tasks } = person.client;
    const newName = () => `${(count += 1)} of ${person.marker}`;
    const note = (
      entity: Write['entity'],
      operation: Write['operation'],
      name: string,
      rows = 1,
    ) => {
      acknowledged += 1;
      writes.get(person)?.push({ entity, operation, name, rows });
    };
    const fill = async (listId: List['id']): Promise<void> => {
      const [before, after] = [newName(), newName()];
      const { id } = await insist((how) => tasks.create.mutate({ title: before, listId }, how));
      note('tasks', 'insert', before);
      await insist((how) => tasks.update.mutate({ id, title: after }, how));
      note('tasks', 'update', after);
    };
    while (!over.signal.aborted) {
      try {
        const name = newName();
        const { id } = await insist((how) => lists.create.mutate({ name }, how));
        note('lists', 'insert', name);
        await Promise.all(Array.from({ length: tasksOfList }, () => fill(id)));
        await insist((how) => lists.delete.mutate({ id }, how));
        note('lists', 'delete', id, 1 + tasksOfList);
      } catch (error) {
        refusals.push(String(error));
      }
    }
  };
  const working = Promise.all(
    people.flatMap((person) => Array.from({ length: programs }, () => work(person))),
  );
  return {
    writes,
    acknowledged: () => acknowledged,
    failures,
    refusals,
    async stop() {
      over.abort();
      await working;
    },
  };
}
