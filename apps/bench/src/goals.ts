import type { Figure } from '../../../scripts/figures.ts';
import { all, none } from '../../../scripts/figures.ts';
import { type CaseName, caseNames } from './calls.ts';
import type { Steady } from './measure.ts';
import type { Measure, Results } from './statistics.ts';
import { median } from './statistics.ts';

const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

const atMost = (name: string, value: number | undefined, goal: number): Figure[] =>
  value === undefined
    ? []
    : [{ name, value: round(value), goal: `at most ${goal}`, isMet: value <= goal }];
const atLeast = (name: string, value: number | undefined, goal: number): Figure[] =>
  value === undefined
    ? []
    : [{ name, value: round(value), goal: `at least ${goal}`, isMet: value >= goal }];

/** What must hold of any run, however short. */
export function soundness(results: Results, alike: number, servers: number): Figure[] {
  const errors = results.errors().reduce((sum, { count }) => sum + count, 0);
  return [all('servers that answer alike', alike, servers), none('calls that failed', errors)];
}

const limitGoals: [CaseName, number][] = [
  ['list', 1.5],
  ['get', 1.7],
  ['REST list', 1.3],
  ['REST get', 1.5],
  ['create', 1.6],
  ['update', 1.6],
];
const reads: CaseName[] = ['list', 'get', 'batch'];
const patienceMs = 200;

/** What of the goals a run of enough rounds tells. */
export function goals(
  results: Results,
  steady: Steady[],
  token: { firstUs: number; againUs: number },
): Figure[] {
  const cpu = (a: Parameters<Results['ratio']>[0], b: Parameters<Results['ratio']>[1]) =>
    results.ratio(a, b, 'cpu')?.median;
  const busyLimit = results.value('limit', 'mixed', 'p95') ?? 0;
  const busyGoal = Math.max(patienceMs, round(1.5 * busyLimit, 0));
  const start = results.turnsOf('typedo').map(({ firstAnswerMs }) => firstAnswerMs);
  const calm = steady.find(({ server }) => server === 'typedo');
  return [
    ...limitGoals.flatMap(([name, goal]) =>
      atMost(`CPU of ${name}, to limit`, cpu(['typedo', name], ['limit', name]), goal),
    ),
    ...atMost('CPU of a batch of 10, to get', cpu(['typedo', 'batch'], ['typedo', 'get']), 6),
    ...caseNames
      .filter((name) => name !== 'mixed')
      .flatMap((name) =>
        atLeast(`CPU of ${name}, fastapi to typedo`, cpu(['fastapi', name], ['typedo', name]), 4),
      ),
    ...reads.flatMap((name) =>
      atLeast(`CPU of ${name}, tutorial to typedo`, cpu(['tutorial', name], ['typedo', name]), 2.5),
    ),
    ...atMost('1,000 connections, p95 ms', results.value('typedo', 'mixed', 'p95'), busyGoal),
    ...(calm
      ? [
          ...atMost(`${calm.rate} calls a second, p95 ms`, calm.p95, 25),
          ...atMost(`${calm.rate} calls a second, p99 ms`, calm.p99, 100),
          none(`${calm.rate} calls a second for ${round(calm.seconds, 0)} s, errors`, calm.errors),
          ...atMost(`${calm.rate} calls a second, private MB`, calm.peak.privateMb, 100),
        ]
      : []),
    ...atMost('verifying a token the first time, µs', token.firstUs, 200),
    ...atMost('verifying a token again, µs', token.againUs, 5),
    ...atMost('start to first answer, ms', start.length > 0 ? median(start) : undefined, 500),
  ];
}

const scaled: CaseName[] = ['list', 'get', 'create', 'pull'];
const scaledMeasures: Measure[] = ['cpu', 'database'];

/** That more data cost no more: Typedo to itself in an earlier run. */
export const scaling = (results: Results, earlier: Results): Figure[] =>
  scaled.flatMap((name) =>
    scaledMeasures.flatMap((measure) => {
      const [now, then] = [results, earlier].map((run) => run.value('typedo', name, measure));
      return atMost(`${measure} of ${name}, to the smaller run`, now && then && now / then, 1.2);
    }),
  );
