import type { Observer } from '@typedo/api';
import type { PoolState } from '@typedo/db';
import fastify, { type FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import server from '../package.json' with { type: 'json' };
import { schemaController } from './schema-controller.ts';

/** What is looked at when the metrics are read. */
export interface Gauged {
  pools: () => Record<string, PoolState>;
  openStreams: () => number;
  callsWaiting: () => number;
}

/**
 * How the service does, in figures. Labels have values of the code alone (procedures, codes of the
 * catalogue, routes, names of limits): nothing that a caller sent, so that there are not more and more
 * of them, and none tells of a user.
 */
export interface Metrics extends Observer {
  /** A request was answered that called no procedure. */
  answered(route: string, status: number): void;
  /** A limit refused somebody. */
  limited(limit: string): void;
  watch(gauged: Gauged): void;
  /** In Prometheus' text format. */
  read(): Promise<string>;
  contentType: string;
}

/** Where the goals of docs/slo.md lie, and some on both sides. */
const callSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const streamSeconds = [0.01, 0.05, 0.25, 1, 2.5, 5, 10, 20, 40];

export function createMetrics(): Metrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const calls = new Histogram({
    name: 'typedo_call_duration_seconds',
    help: 'How long calls of procedures took, and what came of them: ok, or the code of an error',
    labelNames: ['path', 'face', 'outcome'],
    buckets: callSeconds,
    registers,
  });
  const streams = new Histogram({
    name: 'typedo_stream_delay_seconds',
    help: 'How long changes waited, at most, until an open stream told of them',
    buckets: streamSeconds,
    registers,
  });
  const requests = new Counter({
    name: 'typedo_http_requests_total',
    help: 'Requests that called no procedure, by route and class of status',
    labelNames: ['route', 'status'],
    registers,
  });
  const limits = new Counter({
    name: 'typedo_rate_limited_total',
    help: 'Calls and requests that a limit refused',
    labelNames: ['limit'],
    registers,
  });
  const connections = new Gauge({
    name: 'typedo_pool_connections',
    help: 'Connections to PostgreSQL, of users’ data and of identity',
    labelNames: ['pool', 'state'],
    registers,
  });
  const waiting = new Gauge({
    name: 'typedo_pool_waiting',
    help: 'Turns on a connection that are waited for: transactions, and up to ten statements each',
    labelNames: ['pool'],
    registers,
  });
  const callsWaiting = new Gauge({
    name: 'typedo_calls_waiting',
    help: 'Requests whose calls wait for their turn to begin',
    registers,
  });
  const openStreams = new Gauge({
    name: 'typedo_open_streams',
    help: 'Streams of changes that are open',
    registers,
  });
  const build = new Gauge({
    name: 'typedo_build_info',
    help: 'Which version runs',
    labelNames: ['version'],
    registers,
  });
  build.set({ version: server.version }, 1);
  let look = (): void => {};

  return {
    ended: ({ path, face, outcome, seconds }) => calls.observe({ path, face, outcome }, seconds),
    streamed: (seconds) => streams.observe(seconds),
    answered: (route, status) => requests.inc({ route, status: `${Math.floor(status / 100)}xx` }),
    limited: (limit) => limits.inc({ limit }),
    watch(gauged) {
      look = () => {
        openStreams.set(gauged.openStreams());
        callsWaiting.set(gauged.callsWaiting());
        for (const [pool, state] of Object.entries(gauged.pools())) {
          connections.set({ pool, state: 'used' }, state.used);
          connections.set({ pool, state: 'idle' }, state.idle);
          waiting.set({ pool }, state.waiting);
        }
      };
    },
    read() {
      look();
      return register.metrics();
    },
    contentType: register.contentType,
  };
}

/** Serves the metrics at `/metrics`, and nothing else. */
export function metricsServer(metrics: Metrics): FastifyInstance {
  const app = fastify({ schemaController });
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.read()),
  );
  return app;
}
