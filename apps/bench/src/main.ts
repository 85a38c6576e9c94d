import { readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { report } from '../../../scripts/figures.ts';
import { checkAnswers } from './check.ts';
import { goals, scaling, soundness } from './goals.ts';
import { describeMachine } from './machine.ts';
import { holdSteady, type Measuring, type Steady, takeTurn, type Turn } from './measure.ts';
import { readOptions } from './options.ts';
import { type Run, tablesOf, writePage } from './page.ts';
import { databaseClock } from './postgres-time.ts';
import { openScene } from './scene.ts';
import { problemWithFastapi } from './servers.ts';
import { Results } from './statistics.ts';
import { tokenCost } from './token-cost.ts';
import { withClient } from './data.ts';

// `pnpm bench`: data, servers, rounds, tables, page.

/** Below it the spread says nothing, so that nothing is claimed and no page is written by itself. */
const enoughRounds = 5;

const options = readOptions();
const problem = options.servers.includes('fastapi') ? problemWithFastapi() : undefined;
const skipped = problem ? [`fastapi, which ${problem}`] : [];
for (const line of skipped) console.log(`skipped: ${line}`);
const servers = options.servers.filter((name) => name !== 'fastapi' || !problem);

// Of others: from here on it is the run's own.
const loadBefore = loadavg()[0]?.toFixed(1) ?? '';
await using scene = await openScene(options, servers);
const { data, databases } = scene;
const roundTrips = await checkAnswers(data, databases);
console.log(`${servers.join(', ')} answer alike`);

const measuring: Measuring = { ...scene, ...options, offsets: new Map() };
const turns: Turn[] = [];
for (let round = 0; round < options.rounds; round += 1) {
  // Each server is the first in its turn, so that none always comes behind the same.
  for (const at of servers.keys()) {
    const server = servers[(at + round) % servers.length] ?? 'limit';
    const turn = await takeTurn(server, measuring);
    turns.push(turn);
    const cpu = Object.entries(turn.samples).map(([name, it]) => `${name} ${it.cpu.toFixed(0)}`);
    console.log(`round ${round + 1}, ${server}: ${cpu.join(', ')} µs`);
  }
}
const results = new Results(turns);
for (const { server, name, count, first } of results.errors()) {
  console.log(`${server}, ${name}: ${count} errors, such as ${first}`);
}

const steady: Steady[] = [];
for (const server of servers.filter((name) => name === 'limit' || name === 'typedo')) {
  const { steady: seconds, rate } = options;
  if (seconds > 0) steady.push(await holdSteady(server, measuring, { seconds, rate }));
}

const isFull = options.rounds >= enoughRounds;
const sound = soundness(results, databases.size, servers.length);
const earlier = options.against
  ? new Results((JSON.parse(await readFile(options.against, 'utf8')) as { turns: Turn[] }).turns)
  : undefined;
const figures = [
  ...sound,
  ...(isFull ? goals(results, steady, await tokenCost(data)) : []),
  ...(earlier ? scaling(results, earlier) : []),
];
const run: Run = {
  options,
  machine: { ...(await describeMachine(data)), 'load before': loadBefore },
  skipped,
  databaseTimeIs: await withClient(
    data.database.url,
    undefined,
    async (client) => databaseClock(client).source,
  ),
  roundTrips,
  results,
  steady,
  figures,
};
for (const [title, text] of tablesOf(run)) console.log(`\n${title}\n${text}`);
console.log();
const folder = options.out ?? (isFull ? join(import.meta.dirname, '../../../docs') : undefined);
if (folder) await writePage(run, folder);
await report(figures, { seed: options.seed });
if (options.json) {
  const { results: _, ...rest } = run;
  const found = { seed: options.seed, ...rest, turns, figures };
  await writeFile(options.json, `${JSON.stringify(found, null, 2)}\n`);
}
