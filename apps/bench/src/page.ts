import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Figure } from '../../../scripts/figures.ts';
import { type CaseName, caseNames, descriptions } from './calls.ts';
import type { RoundTrips } from './check.ts';
import type { Steady } from './measure.ts';
import type { Options } from './options.ts';
import { barChart, type Group } from './plot.ts';
import { type ServerName, serverNames } from './servers.ts';
import { type Measure, median, type Ratio, type Results } from './statistics.ts';

/** All that a run found out. */
export interface Run {
  options: Options;
  machine: Record<string, string>;
  /** What could not be run, and why. */
  skipped: string[];
  databaseTimeIs: string;
  roundTrips: RoundTrips;
  results: Results;
  steady: Steady[];
  figures: Figure[];
}

/** Kept as it stands in the page: what people wrote of the figures. */
const byHand = '## Where Typedo is behind, and why';

const format = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
const ratioText = ({ median, least, most }: Ratio): string =>
  `${median.toFixed(2)}× (${least.toFixed(2)}–${most.toFixed(2)})`;

export const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const serversOf = ({ results }: Run): ServerName[] =>
  serverNames.filter((name) => results.turnsOf(name).length > 0);
const casesOf = ({ results }: Run): CaseName[] =>
  caseNames.filter((name) =>
    serverNames.some((server) => results.samples(server, name).length > 0),
  );

/** A row a case, a column a server: the median of the rounds, and what it is to limit's. */
function measureTable(run: Run, measure: Measure): string {
  const servers = serversOf(run);
  const cell = (server: ServerName, name: CaseName): string => {
    const value = run.results.value(server, name, measure);
    if (value === undefined) return '';
    const ratio = run.results.ratio([server, name], ['limit', name], measure);
    return `${format(value)}${server !== 'limit' && ratio ? `, ${ratioText(ratio)}` : ''}`;
  };
  const rows = casesOf(run).map((name) => [name, ...servers.map((server) => cell(server, name))]);
  return table(['', ...servers], rows);
}

function memoryTable(run: Run): string {
  const rows = serversOf(run).map((server) => {
    const turns = run.results.turnsOf(server);
    const of = (pick: (turn: (typeof turns)[number]) => number) => format(median(turns.map(pick)));
    return [
      server,
      of(({ idle }) => idle.rssMb),
      of(({ idle }) => idle.privateMb),
      of(({ peak }) => peak.rssMb),
      of(({ peak }) => peak.privateMb),
      of(({ firstAnswerMs }) => firstAnswerMs),
    ];
  });
  const head = ['', 'RSS at first', 'private', 'RSS at most', 'private', 'first answer, ms'];
  return table(head, rows);
}

function roundTripTable(run: Run): string {
  const servers = serversOf(run);
  const rows = casesOf(run)
    .filter((name) => servers.some((server) => name in run.roundTrips[server]))
    .map((name) => [name, ...servers.map((server) => String(run.roundTrips[server][name] ?? ''))]);
  return table(['', ...servers], rows);
}

function steadyTable({ steady }: Run): string {
  const rows = steady.map(({ server, rate, seconds, p50, p95, p99, max, errors, peak }) => [
    server,
    `${rate}/s for ${Math.round(seconds)} s`,
    ...[p50, p95, p99, max].map(format),
    String(errors),
    format(peak.privateMb),
    format(peak.rssMb),
  ]);
  const head = ['', 'calls', 'p50 ms', 'p95', 'p99', 'max', 'errors', 'private MB', 'RSS MB'];
  return table(head, rows);
}

/** The figures at the end of a run, for a terminal and for the page. */
export const tablesOf = (run: Run): [title: string, table: string][] => [
  ['CPU of the server for a call, µs', measureTable(run, 'cpu')],
  [`Time of the database for a call, µs (${run.databaseTimeIs})`, measureTable(run, 'database')],
  ['Round trips to the database for a call', roundTripTable(run)],
  ['Throughput, calls a second', measureTable(run, 'throughput')],
  ['Latency, median, ms', measureTable(run, 'p50')],
  ['Latency, p99, ms', measureTable(run, 'p99')],
  ['Memory, MB', memoryTable(run)],
  ...(run.steady.length > 0
    ? [['Many users, each now and then', steadyTable(run)] as [string, string]]
    : []),
];

function charts(run: Run): Record<string, string> {
  const servers = serversOf(run);
  const { results } = run;
  const byCase = (cases: CaseName[], measure: Measure, isRatio: boolean): Group[] =>
    cases.map((label) => ({
      label,
      bars: servers.map((server) => {
        if (isRatio) {
          const ratio = results.ratio([server, label], ['limit', label], measure);
          return ratio && { value: ratio.median, least: ratio.least, most: ratio.most };
        }
        const all = results.samples(server, label).map((sample) => sample[measure]);
        if (all.length === 0) return undefined;
        return { value: median(all), least: Math.min(...all), most: Math.max(...all) };
      }),
    }));
  const cases = casesOf(run);
  // So dear that the rest could not be seen beside them; the tables have them.
  const quick = cases.filter((name) => name !== 'sign-in' && name !== 'fan-out');
  const memory = (label: string, pick: (turn: Results['turns'][number]) => number): Group => ({
    label,
    bars: servers.map((server) => {
      const all = results.turnsOf(server).map(pick);
      return { value: median(all), least: Math.min(...all), most: Math.max(...all) };
    }),
  });
  const chart = (title: string, unit: string, groups: Group[]) =>
    barChart({ title, unit, series: servers, groups });
  const atRate = quick.filter((name) => name !== 'mixed');
  return {
    'cpu.svg': chart('CPU of the server for a call', '× limit', byCase(quick, 'cpu', true)),
    'throughput.svg': chart(
      'Throughput, closed loop',
      'calls a second',
      byCase(quick, 'throughput', false),
    ),
    'latency.svg': chart('Latency at the same rate, p99', 'ms', byCase(atRate, 'p99', false)),
    'database.svg': chart('Time of the database', '× limit', byCase(quick, 'database', true)),
    'memory.svg': chart('Memory', 'MB', [
      memory('private, idle', ({ idle }) => idle.privateMb),
      memory('private, peak', ({ peak }) => peak.privateMb),
      memory('RSS, idle', ({ idle }) => idle.rssMb),
      memory('RSS, peak', ({ peak }) => peak.rssMb),
    ]),
  };
}

const plotOf: Record<string, string> = {
  CPU: 'cpu.svg',
  Time: 'database.svg',
  Throughput: 'throughput.svg',
  'Latency, p99': 'latency.svg',
  Memory: 'memory.svg',
};

/** Writes `performance.md` and its plots into a folder. */
export async function writePage(run: Run, folder: string): Promise<void> {
  const file = join(folder, 'performance.md');
  const known = existsSync(file) ? await readFile(file, 'utf8') : '';
  const written = known.includes(byHand) ? known.slice(known.indexOf(byHand)) : `${byHand}\n`;
  const { options, machine, skipped, figures } = run;
  const sections = tablesOf(run).map(([title, text]) => {
    const plot = Object.entries(plotOf).find(([start]) => title.startsWith(start))?.[1];
    return `## ${title}\n\n${plot ? `![${title}](performance/${plot})\n\n` : ''}${text}`;
  });
  const page = [
    `# What Typedo costs

Made by \`pnpm bench\` ([apps/bench](../apps/bench/README.md)), which says how. _limit_ is Fastify and pg
written by hand for this one purpose, _tutorial_ is tRPC, superjson and Prisma as their documentation has
them, _fastapi_ is FastAPI with SQLModel and asyncpg. Typedo is the production bundle with everything on.
All answer the same, which is checked before anything is measured; _tutorial_ and _fastapi_ write neither
log nor key.

${options.users} users with ${options.tasks} tasks, of whom ${options.active} call; ${options.rounds} interleaved
rounds of ${options.seconds} s for each load, seed ${options.seed}. Values are medians of the rounds, and what stands
behind them is the ratio to _limit_ in the same round: median (least–most). All ran on one machine, load
and database included, so that times are those of a busy one: compare, do not quote.

${table(['', ''], Object.entries(machine))}
${skipped.map((line) => `\nNot run: ${line}.`).join('')}`,
    `## Goals\n\n${table(
      ['', 'value', 'goal', ''],
      figures.map(({ name, value, goal, isMet }) => [
        name,
        String(value),
        String(goal),
        isMet ? 'ok' : 'short',
      ]),
    )}`,
    `## The work\n\n${table(
      ['case', 'what it is'],
      casesOf(run).map((name) => [name, descriptions[name]]),
    )}`,
    ...sections,
    written.trimEnd(),
  ].join('\n\n');
  await mkdir(join(folder, 'performance'), { recursive: true });
  await writeFile(file, `${page}\n`);
  for (const [name, svg] of Object.entries(charts(run))) {
    await writeFile(join(folder, 'performance', name), svg);
  }
}
