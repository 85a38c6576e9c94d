// Makes 50 calls a second, whatever becomes of those before, and prints how long they took in ms,
// but for the first, before it is warm. A process of its own, so that it waits for nobody but the server.
import { setTimeout as wait } from 'node:timers/promises';

const [url = '', authorization = '', seconds = ''] = process.argv.slice(2);
const warmUp = 100;
const count = warmUp + 50 * Number(seconds);

const call = async (): Promise<number> => {
  const before = performance.now();
  const answer = await fetch(`${url}/api/v1/tasks`, { headers: { authorization } });
  if (!answer.ok) throw new Error(`A user was answered with ${answer.status}.`);
  await answer.text();
  return performance.now() - before;
};

const calls: Promise<number>[] = [];
const startedAt = performance.now();
while (calls.length < count) {
  await wait(Math.max(0, startedAt + 20 * calls.length - performance.now()));
  calls.push(call());
}
const sorted = (await Promise.all(calls)).slice(warmUp).toSorted((a, b) => a - b);
const at = (share: number) => Math.round(sorted[Math.floor(share * sorted.length)] ?? 0);
console.log(JSON.stringify({ p50: at(0.5), p99: at(0.99) }));
