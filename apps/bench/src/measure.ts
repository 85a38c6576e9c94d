import type { TestDatabase } from '@typedo/db/testing';
import { type CaseName, caseNames, has, planOf } from './calls.ts';
import { firstCall } from './check.ts';
import { type Data, withClient } from './data.ts';
import type { Outcome } from './load/job.ts';
import type { Generator } from './load/load.ts';
import { databaseClock } from './postgres-time.ts';
import { cpuSeconds, type Memory, memory, watchMemory } from './process.ts';
import { type ServerName, startServer } from './servers.ts';

/** What one case came to in one round. */
export interface Sample {
  /** CPU of the server's process for a call, in µs. */
  cpu: number;
  /** What PostgreSQL worked for a call, in µs. */
  database: number;
  /** Calls a second, closed loop. */
  throughput: number;
  /** ms, open loop; of fan-out and mixed work closed loop. */
  p50: number;
  p95: number;
  p99: number;
  errors: number;
  firstError?: string | undefined;
}

/** One start of one server. */
export interface Turn {
  server: ServerName;
  firstAnswerMs: number;
  idle: Memory;
  peak: Memory;
  samples: Partial<Record<CaseName, Sample>>;
}

export interface Measuring {
  data: Data;
  databases: Map<ServerName, TestDatabase>;
  generator: Generator;
  /** Of each load. */
  seconds: number;
  cases: readonly CaseName[];
  /** Where the last load of a case ended: the next goes on there, so that each complete changes a task. */
  offsets: Map<string, number>;
}

const connections: Partial<Record<CaseName, number>> = { 'sign-in': 4, mixed: 1000 };
/** Calls a second that every server can do, so that latencies compare at the same load. */
const rates: Partial<Record<CaseName, number>> = {
  list: 200,
  get: 200,
  'REST list': 200,
  'REST get': 200,
  batch: 40,
  pull: 100,
  create: 100,
  update: 100,
  complete: 100,
  'sign-in': 4,
};
const streamsEach = 20;

/** What is seen or compiled for the first time must not count against the case that comes first. */
async function warmUp(
  server: ServerName,
  { data, generator, seconds }: Measuring,
  port: number,
): Promise<void> {
  const everybody = { ...data, readers: [...data.readers, ...data.writers] };
  const { requests } = await planOf(server, 'list', everybody);
  await generator.run({ kind: 'closed', port, requests, seconds: 60, calls: requests.length });
  const mixed = await planOf(server, 'mixed', data);
  await generator.run({ kind: 'closed', port, requests: mixed.requests, seconds: 2 * seconds });
}

const start = async (name: ServerName, data: Data, { url, directUrl }: TestDatabase) =>
  startServer({ name, data, first: await firstCall(name, data), databaseUrl: url, directUrl });

export async function takeTurn(server: ServerName, measuring: Measuring): Promise<Turn> {
  const { data, databases, cases } = measuring;
  const database = databases.get(server) ?? data.database;
  await using running = await start(server, data, database);
  const { pid, port, firstAnswerMs } = running;
  const idle = memory(pid);
  const peakSoFar = watchMemory(pid);
  const samples: Turn['samples'] = {};
  // By the login of the service, whose own sessions it sees.
  await withClient(database.url, undefined, async (client) => {
    const { clock } = databaseClock(client);
    await warmUp(server, measuring, port);
    for (const name of caseNames.filter((name) => cases.includes(name) && has(server, name))) {
      samples[name] = await takeSample(server, name, { ...measuring, pid, port, clock });
    }
  });
  return { server, firstAnswerMs, idle, peak: peakSoFar(), samples };
}

async function takeSample(
  server: ServerName,
  name: CaseName,
  context: Measuring & { pid: number; port: number; clock: () => Promise<number> },
): Promise<Sample> {
  const { data, generator, seconds, offsets, pid, port, clock } = context;
  const { requests, streams } = await planOf(server, name, data);
  const key = `${server} ${name}`;
  const run = async (job: {
    kind: 'closed' | 'open' | 'fan-out';
    seconds: number;
    rate?: number;
  }) => {
    const outcome = await generator.run({
      ...job,
      port,
      requests,
      streams,
      streamsEach,
      offset: offsets.get(key) ?? 0,
      connections: connections[name] ?? 32,
    });
    offsets.set(key, outcome.offset);
    return outcome;
  };
  const kind = name === 'fan-out' ? 'fan-out' : 'closed';
  const trial = await run({ kind, seconds: seconds / 2 });

  const before = { cpu: cpuSeconds(pid), database: await clock() };
  const load = await run({ kind, seconds });
  const perCall = (spent: number): number => (spent * 1e6) / Math.max(1, load.calls);
  const cpu = perCall(cpuSeconds(pid) - before.cpu);
  const database = perCall((await clock()) - before.database);

  const rate = rates[name];
  const open = rate ? await run({ kind: 'open', seconds, rate }) : load;
  const failed = [trial, load, open].find(({ errors }) => errors > 0);
  return {
    cpu,
    database,
    throughput: load.calls / load.seconds,
    p50: open.p50,
    p95: open.p95,
    p99: open.p99,
    errors: trial.errors + load.errors + (open === load ? 0 : open.errors),
    firstError: failed?.firstError,
  };
}

/** Many users who each call now and then, for a long time. */
export interface Steady extends Outcome {
  server: ServerName;
  rate: number;
  peak: Memory;
}

export async function holdSteady(
  server: ServerName,
  measuring: Measuring,
  { seconds, rate }: { seconds: number; rate: number },
): Promise<Steady> {
  const { data, databases, generator } = measuring;
  const database = databases.get(server) ?? data.database;
  await using running = await start(server, data, database);
  const { pid, port } = running;
  const { requests } = await planOf(server, 'mixed', data);
  // A connection for each user, all open before it counts; no faster than what is measured, since a
  // flood would leave a larger heap than these users need.
  await generator.run({ kind: 'open', port, requests, seconds: 10, rate, connections: rate });
  const peakSoFar = watchMemory(pid);
  const outcome = await generator.run({
    kind: 'open',
    port,
    requests,
    seconds,
    rate,
    connections: rate,
  });
  return { server, rate, peak: peakSoFar(), ...outcome };
}
