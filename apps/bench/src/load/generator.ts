import { connect, type Socket } from 'node:net';
import { Connection } from './connection.ts';
import type { Job, Outcome } from './job.ts';
import { filled } from './request.ts';

// A process of its own, so that what it costs is not the server's and does not wait for the harness.

/** Calls and what came of them. */
class Record {
  readonly #startedAt = performance.now();
  readonly latencies: number[] = [];
  errors = 0;
  firstError: string | undefined;

  note(latency: number, error?: string): void {
    this.latencies.push(latency);
    if (error === undefined) return;
    this.errors += 1;
    this.firstError ??= error.slice(0, 500);
  }

  outcome(offset: number): Outcome {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const sorted = Float64Array.from(this.latencies).sort();
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    const { errors, firstError } = this;
    const [p50, p90, p95, p99, max] = [at(0.5), at(0.9), at(0.95), at(0.99), at(1)];
    return { calls: sorted.length, seconds, errors, firstError, offset, p50, p90, p95, p99, max };
  }
}

/** Sends one and notes how long it took since `intendedAt`. */
async function call(
  connection: Connection,
  request: string,
  record: Record,
  intendedAt: number,
): Promise<void> {
  try {
    const { status, body } = await connection.send(filled(request));
    const isOk = status >= 200 && status < 300;
    record.note(performance.now() - intendedAt, isOk ? undefined : `${status} ${body}`);
  } catch (error) {
    record.note(performance.now() - intendedAt, String(error));
    // A server that refuses connections is not asked a million times.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const connectionsOf = ({ port, connections }: Job): Connection[] =>
  Array.from({ length: connections }, () => new Connection(port));

async function closed(job: Job): Promise<Outcome> {
  const connections = connectionsOf(job);
  let { offset } = job;
  const record = new Record();
  const end = performance.now() + job.seconds * 1000;
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() < end && offset - job.offset < job.calls) {
        const request = job.requests[offset++ % job.requests.length] ?? '';
        await call(connection, request, record, performance.now());
      }
    }),
  );
  for (const connection of connections) connection.close();
  return record.outcome(offset);
}

/** Each call has its time. One that no connection is free for waits, and its wait counts. */
async function open(job: Job): Promise<Outcome> {
  const connections = connectionsOf(job);
  const idle = [...connections];
  const due: number[] = [];
  let { offset } = job;
  const record = new Record();
  const total = Math.round(job.rate * job.seconds);
  const start = performance.now();
  const { promise: isOver, resolve: finish } = Promise.withResolvers<void>();

  const dispatch = async (connection: Connection, intendedAt: number): Promise<void> => {
    const request = job.requests[offset++ % job.requests.length] ?? '';
    await call(connection, request, record, intendedAt);
    if (record.latencies.length === total) finish();
    const next = due.shift();
    if (next === undefined) idle.push(connection);
    else void dispatch(connection, next);
  };
  let scheduled = 0;
  const schedule = (): void => {
    const now = performance.now();
    for (; scheduled < total; scheduled += 1) {
      const intendedAt = start + (scheduled * 1000) / job.rate;
      if (intendedAt > now) break;
      // The one idle longest, so that each connection has its turn.
      const connection = idle.shift();
      if (connection) void dispatch(connection, intendedAt);
      else due.push(intendedAt);
    }
    if (scheduled < total) setTimeout(schedule, 1);
  };
  schedule();
  await isOver;
  for (const connection of connections) connection.close();
  return record.outcome(offset);
}

/** A stream of server-sent events, of which only the ids are looked at. */
function openStream(port: number, request: string, onEvent: () => void): Socket {
  const socket = connect(port, '127.0.0.1', () => socket.write(request)).setNoDelay();
  let rest = '';
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('id: ')) onEvent();
  });
  return socket;
}

/** Each writer writes when all its streams were told of the last. Latency is that of the last one. */
async function fanOut(job: Job): Promise<Outcome> {
  const { port, requests, streams, streamsEach } = job;
  const patienceMs = 5000;
  const writers = requests.map((request, n) => {
    let missing = 0;
    let told: (() => void) | undefined;
    const onEvent = (): void => {
      missing -= 1;
      if (missing === 0) told?.();
    };
    /** Until each stream was told of something; false when that took too long. */
    const all = (): Promise<boolean> => {
      missing = streamsEach;
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, patienceMs, false);
        told = () => {
          clearTimeout(timer);
          resolve(true);
        };
      });
    };
    const begun = all();
    const sockets = Array.from({ length: streamsEach }, () =>
      openStream(port, streams[n] ?? '', onEvent),
    );
    return { request, all, begun, sockets, connection: new Connection(port) };
  });
  const areOpen = await Promise.all(writers.map(({ begun }) => begun));
  const record = new Record();
  if (areOpen.includes(false)) record.note(0, 'Streams did not open.');
  const end = performance.now() + job.seconds * 1000;
  await Promise.all(
    writers.map(async ({ request, all, connection }) => {
      while (performance.now() < end) {
        const startedAt = performance.now();
        const told = all();
        const { status, body } = await connection.send(filled(request));
        const error = status >= 300 ? `${status} ${body}` : undefined;
        const isTold = await told;
        record.note(performance.now() - startedAt, error ?? (isTold ? undefined : 'not told of'));
      }
    }),
  );
  const outcome = record.outcome(job.offset);
  for (const { sockets, connection } of writers) {
    for (const socket of sockets) socket.destroy();
    connection.close();
  }
  return outcome;
}

const run = { closed, open, 'fan-out': fanOut };
process.on('message', (job: Job) => {
  void run[job.kind](job).then((outcome) => process.send?.(outcome));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
