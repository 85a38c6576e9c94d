import { freePort } from '../../../scripts/testing/free-port.ts';
import { type CaseName, caseNames, planOf } from './calls.ts';
import { firstCall } from './check.ts';
import { attachInspector } from './inspector.ts';
import { readOptions } from './options.ts';
import { table } from './page.ts';
import { cpuSeconds } from './process.ts';
import { profilerOf, summarize } from './profiler.ts';
import { openScene } from './scene.ts';
import { startServer } from './servers.ts';

// `pnpm bench:profile list`: where Typedo's CPU goes in a case.

const shownPackages = 25;
const shownFunctions = 20;

const options = readOptions();
const name = (options.positionals.join(' ') || 'list') as CaseName;
if (!caseNames.includes(name)) throw new Error(`${name}: none of ${caseNames.join(', ')}.`);

await using scene = await openScene(options, ['typedo']);
const { data, generator } = scene;
const inspectorPort = await freePort();
const first = await firstCall('typedo', data);
await using server = await startServer({
  name: 'typedo',
  data,
  first,
  databaseUrl: data.database.url,
  directUrl: data.database.directUrl,
  nodeArgs: [`--inspect=127.0.0.1:${inspectorPort}`],
});
const { requests, streams } = await planOf('typedo', name, data);
const kind = name === 'fan-out' ? 'fan-out' : 'closed';
const job = { kind, port: server.port, requests, streams, streamsEach: 20 } as const;
await generator.run({ ...job, seconds: options.seconds });

using inspector = await attachInspector(inspectorPort);
const profiler = profilerOf(inspector);
await profiler.start();
const before = cpuSeconds(server.pid);
const { calls, errors } = await generator.run({ ...job, seconds: 2 * options.seconds });
const cpu = ((cpuSeconds(server.pid) - before) * 1e6) / calls;
const { packages, functions } = summarize(await profiler.stop());

const total = packages.reduce((sum, [, time]) => sum + time, 0);
const rows = (times: [string, number][], shown: number): string[][] =>
  times
    .slice(0, shown)
    .map(([what, time]) => [
      what,
      `${((100 * time) / total).toFixed(1)} %`,
      ((cpu * time) / total).toFixed(1),
    ]);
// Samples are of time that passed: where the machine is busy, native calls such as writev are shown
// dearer than they are, because others run meanwhile.
console.log(`\n${name}: ${calls} calls, ${errors} errors, ${cpu.toFixed(0)} µs of CPU a call\n`);
console.log(table(['package', 'share', 'µs a call'], rows(packages, shownPackages)));
console.log(`\n${table(['function', 'share', 'µs a call'], rows(functions, shownFunctions))}`);
