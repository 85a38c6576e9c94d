import { setTimeout as sleep } from 'node:timers/promises';
import { follow } from '../../server/test/follow.ts';
import type { Person } from './scene.ts';
import { until } from './until.ts';

const pauseMs = 20;

/** What came of the tasks that were made, over all streams. */
export interface StreamsResult {
  made: number;
  lost: number;
  doubled: number;
  /** Calls that the typed client gave up. */
  failures: string[];
}

/** Waits until a stream gave what was made. What is not there in time is lost. */
export async function compare(
  made: string[],
  titles: () => string[],
): Promise<{ lost: number; doubled: number }> {
  const lost = (): number => {
    const seen = new Set(titles());
    return made.filter((title) => !seen.has(title)).length;
  };
  await until(() => lost() === 0).catch(() => {});
  return { lost: lost(), doubled: titles().length - new Set(titles()).size };
}

/** People who make numbered tasks, each with programs that follow along. */
export function startStreams(people: Person[], each: number): { stop(): Promise<StreamsResult> } {
  const failures: string[] = [];
  const over = new AbortController();
  const work = async ({ client, marker }: Person) => {
    const streams = Array.from({ length: each }, () => follow(client, '0'));
    const made: string[] = [];
    for (let n = 0; !over.signal.aborted; n += 1) {
      const title = `${n} of ${marker}`;
      try {
        await client.tasks.create.mutate({ title });
        made.push(title);
      } catch (error) {
        failures.push(String(error));
      }
      await sleep(pauseMs);
    }
    return { streams, made };
  };
  const working = Promise.all(people.map(work));
  return {
    async stop() {
      over.abort();
      const result: StreamsResult = { made: 0, lost: 0, doubled: 0, failures };
      const ends = (await working).flatMap(({ streams, made }) => {
        result.made += made.length;
        return streams.map(async ({ titles, close }) => {
          const { lost, doubled } = await compare(made, titles);
          result.lost += lost;
          result.doubled += doubled;
          close();
        });
      });
      await Promise.all(ends);
      return result;
    },
  };
}
