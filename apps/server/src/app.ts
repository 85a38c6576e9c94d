import { randomUUID } from 'node:crypto';
import { type Clock, systemClock, type WakeUps } from '@typedo/api';
import {
  type Accounts,
  createAccounts,
  createIdentity,
  createPersonalTokenExchange,
  createVerifier,
  type Identity,
  type PersonalTokenExchange,
  type TrustedIssuer,
  type Verify,
} from '@typedo/auth';
import { limits } from '@typedo/contract';
import type { Database } from '@typedo/db';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { CallQueue } from './call-queue.ts';
import { identityFace } from './faces/identity.ts';
import { openApiFace } from './faces/rest/openapi-face.ts';
import { restFace } from './faces/rest/rest.ts';
import { panelFace } from './faces/panel.ts';
import { trpcFace } from './faces/trpc.ts';
import type { Metrics } from './metrics.ts';
import { acceptFirst } from './plugins/accept-first.ts';
import { cors } from './plugins/cors.ts';
import { errorReplies, replyWithProblem } from './plugins/error-replies.ts';
import { health } from './plugins/health.ts';
import { jsonOnly } from './plugins/json-only.ts';
import { measure } from './plugins/measure.ts';
import { pressure } from './plugins/pressure.ts';
import { requestLog } from './plugins/request-log.ts';
import { securityHeaders } from './plugins/security-headers.ts';
import { stopping, type Stopping } from './plugins/stopping.ts';
import { traces } from './plugins/traces.ts';
import { createRateLimits, type RateLimits } from './rate-limit.ts';
import { schemaController } from './schema-controller.ts';
import { tell } from './security-events.ts';
import { type Shared, shareNothing } from './shared.ts';
import { createStreams, type Streams } from './streams.ts';
import type { Tracing } from './tracing.ts';

export interface AppOptions {
  database: Database;
  log: FastifyBaseLogger;
  /** The public address of the service. */
  baseUrl: string;
  secret: string;
  bcryptCost: number;
  /** How often an address may try a password in a minute, and an account's in a quarter hour. */
  attemptsPerMinute: number;
  /** How many procedures a user may call in a minute, and without one an address. */
  callsPerMinute: number;
  /** Whether there is a panel at `/panel`. */
  hasPanel: boolean;
  /** Origins of web pages that may call, beside `baseUrl`. */
  corsOrigins: string[];
  /** Addresses of proxies whose word on the client's address is taken. */
  trustedProxies: string[];
  trustedIssuers: TrustedIssuer[];
  /** Where it is counted how the service does, if anywhere. */
  metrics: Metrics | undefined;
  /** Where what is done for a call is told, if anywhere. */
  tracing: Tracing | undefined;
  /** What it has in common with other instances. */
  shared?: Shared;
  /** In which calls have their turns. */
  callQueue?: CallQueue;
  /** How long calls are still taken on when the server is told to stop; 0 when absent. */
  drainMs?: number;
  clock?: Clock;
}

/** What the plugins share. */
export interface AppServices extends Required<AppOptions> {
  identity: Identity;
  accounts: Accounts;
  verify: Verify;
  personalTokens: PersonalTokenExchange;
  rateLimits: RateLimits;
  streams: Streams;
  stopping: Stopping;
  wakeUps: WakeUps;
}

/** Cuts off who sends a request too slowly, does not read the answer, or asks nothing more. */
const timeouts = {
  requestTimeout: 30_000,
  connectionTimeout: 120_000,
  http: { headersTimeout: 15_000, connectionsCheckingInterval: 5000 },
};

/** The HTTP server, wired but not listening. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { database, log, baseUrl } = options;
  const identity = createIdentity({
    db: database.auth,
    tokens: database.tokens,
    baseUrl,
    secret: options.secret,
    trustedOrigins: options.corsOrigins,
    bcryptCost: options.bcryptCost,
    log: (level, message) => log[level](message),
  });
  await identity.prepare();
  const verify = createVerifier({
    db: database.tokens,
    baseUrl,
    publicKeys: () => identity.publicKeys(),
    trustedIssuers: options.trustedIssuers,
  });
  const shared = options.shared ?? shareNothing();
  const services: AppServices = {
    clock: systemClock,
    shared,
    drainMs: 0,
    callQueue: new CallQueue(),
    ...options,
    identity,
    verify,
    accounts: createAccounts(database, verify),
    rateLimits: createRateLimits(
      {
        ...options,
        onHit(limit, { request }) {
          options.metrics?.limited(limit);
          tell(request, 'rate_limit_hit', limit);
        },
      },
      shared.createCounter,
    ),
    streams: createStreams(),
    stopping: { hasBegun: false },
    wakeUps: shared.wakeUps,
    personalTokens: createPersonalTokenExchange(database.tokens, identity),
  };

  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: limits.bodyBytes,
    ...timeouts,
    schemaController,
    frameworkErrors: (error, request, reply) => void replyWithProblem(error, request, reply),
    trustProxy: options.trustedProxies.length > 0 ? options.trustedProxies : false,
    // The path of a batch holds the names of all its procedures.
    routerOptions: { maxParamLength: 2000 },
    // What comes on a connection that is there when it stops is answered like everything else.
    return503OnClosing: false,
  });
  // An idle connection is cut off as a silent one is. To change from the one patience to the other, Node
  // makes two timers a call, and with a thousand users these outlive the young generation. Set here,
  // since Fastify takes 0 among its options for its default.
  app.server.keepAliveTimeout = 0;

  await app.register(acceptFirst, services);
  await app.register(pressure, services);
  await app.register(errorReplies);
  await app.register(requestLog);
  await app.register(traces, services);
  await app.register(measure, services);
  await app.register(securityHeaders, services);
  await app.register(cors, services);
  await app.register(jsonOnly);
  await app.register(stopping, services);
  await app.register(health, services);
  await app.register(identityFace, services);
  await app.register(trpcFace, services);
  await app.register(restFace, services);
  await app.register(openApiFace, services);
  await app.register(panelFace, services);
  return app;
}
