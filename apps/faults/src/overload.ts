import { setTimeout as sleep } from 'node:timers/promises';
import { atLeast, atMost, type Figure, none } from '../../../scripts/figures.ts';
import { type Answer, ask, isDone, isRefused } from './ask.ts';
import type { Person, Scene } from './scene.ts';
import { until } from './until.ts';

/** What each round trip to PostgreSQL takes, so that it is this that there is too little of. */
const roundTripMs = 100;
/** So many callers wait for their answers that at each instance some wait for a connection. */
const callers = 90;
const times = 10;
const tickMs = 10;
const request = { method: 'GET', path: '/api/v1/lists' };

const p99 = (answers: Answer[]): number => {
  const served = answers.filter(isDone).map(({ ms }) => ms);
  return Math.round(served.sort((a, b) => a - b)[Math.floor(served.length * 0.99)] ?? Infinity);
};

/** Offers ten times what can be done. */
export async function checkOverload(scene: Scene, seconds: number): Promise<Figure[]> {
  const { stack } = scene;
  const people = await scene.newPeople(8);
  let n = 0;
  const call = (): Promise<Answer> => {
    n += 1;
    return ask(stack.url, people[n % people.length] as Person, request);
  };
  const inTurn = async (answers: Answer[], endsAt: number): Promise<void> => {
    while (performance.now() < endsAt) answers.push(await call());
  };
  const measure = async (work: (endsAt: number) => Promise<Answer[]>) => {
    const from = performance.now();
    const answers = await work(from + seconds * 1000);
    const served = answers.filter(isDone).length;
    return { answers, perSecond: (served * 1000) / (performance.now() - from), p99: p99(answers) };
  };
  stack.gates.postgres.delay(roundTripMs);
  try {
    const closed = (endsAt: number): Promise<Answer[]> => {
      const answers: Answer[] = [];
      return Promise.all(Array.from({ length: callers }, () => inTurn(answers, endsAt))).then(
        () => answers,
      );
    };
    await measure(closed);
    const usual = await measure(closed);
    const over = await measure(async (endsAt) => {
      const under: Promise<Answer>[] = [];
      const from = performance.now();
      while (performance.now() < endsAt) {
        const due = ((performance.now() - from) / 1000) * usual.perSecond * times;
        while (under.length < due) under.push(call());
        await sleep(tickMs);
      }
      return Promise.all(under);
    });
    const endedAt = performance.now();
    await until(async () =>
      (await Promise.all(Array.from({ length: callers }, call))).every(isDone),
    );
    const recoveryMs = Math.round(performance.now() - endedAt);
    const wrong = over.answers.filter((one) => !isDone(one) && !isRefused(one));
    const offered = Math.round(over.answers.length / seconds);
    console.log(
      `overload: ${Math.round(usual.perSecond)} a second can be done, ${offered} were offered`,
    );
    const share = Math.round((100 * over.perSecond) / usual.perSecond);
    return [
      none(
        `overload, of ${over.answers.length} calls neither done nor refused by 503 with Retry-After`,
        wrong.length,
      ),
      ...[
        atLeast('overload, done of what can be done, %', share, 90),
        atMost('overload, p99 of what is done, ms', over.p99, 2 * usual.p99),
        atMost('overload, recovery, ms', recoveryMs, 5000),
      ].map((figure) => scene.timed(figure)),
    ];
  } finally {
    stack.gates.postgres.delay(0);
  }
}
