import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@typedo/api';
import {
  createIdentity,
  createVerifier,
  type Identity,
  type TrustedIssuer,
  type Verify,
} from '@typedo/auth';
import { limits } from '@typedo/contract';
import type { Database } from '@typedo/db';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { cors } from './plugins/cors.ts';
import { errorReplies, replyWithProblem } from './plugins/error-replies.ts';
import { health } from './plugins/health.ts';
import { identityFace } from './plugins/identity-face.ts';
import { requestLog } from './plugins/request-log.ts';
import { securityHeaders } from './plugins/security-headers.ts';
import { trpcFace } from './plugins/trpc-face.ts';

export interface AppOptions {
  database: Database;
  log: FastifyBaseLogger;
  /** The public address of the service. */
  baseUrl: string;
  secret: string;
  bcryptCost: number;
  /** How often an address may try a password in a minute. */
  attemptsPerMinute: number;
  /** Origins of web pages that may call, beside `baseUrl`. */
  corsOrigins: string[];
  /** Addresses of proxies whose word on the client's address is taken. */
  trustedProxies: string[];
  trustedIssuers: TrustedIssuer[];
  clock?: Clock;
}

/** What the plugins share. */
export interface AppServices extends Required<AppOptions> {
  identity: Identity;
  verify: Verify;
}

/** How long requests in progress may take to end when the server stops. */
const patienceMs = 5000;

/** The HTTP server, wired but not listening. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { database, log, baseUrl } = options;
  const identity = createIdentity({
    db: database.auth,
    baseUrl,
    secret: options.secret,
    trustedOrigins: options.corsOrigins,
    bcryptCost: options.bcryptCost,
    attemptsPerMinute: options.attemptsPerMinute,
    log: (level, message) => log[level](message),
  });
  await identity.prepare();
  const services: AppServices = {
    clock: systemClock,
    ...options,
    identity,
    verify: createVerifier({
      db: database.auth,
      baseUrl,
      publicKeys: () => identity.publicKeys(),
      trustedIssuers: options.trustedIssuers,
    }),
  };

  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: limits.bodyBytes,
    requestTimeout: 30_000,
    frameworkErrors: (error, request, reply) => void replyWithProblem(error, request, reply),
    trustProxy: options.trustedProxies.length > 0 ? options.trustedProxies : false,
    // The path of a batch holds the names of all its procedures.
    routerOptions: { maxParamLength: 2000 },
  });
  // What is not JSON is refused before it is read: app-wide, so that no face forgets it.
  app.removeContentTypeParser(['text/plain']);
  // A client that neither goes on nor goes away must not keep the server from stopping.
  app.addHook('preClose', async () => {
    setTimeout(() => app.server.closeAllConnections(), patienceMs).unref();
  });

  await app.register(errorReplies);
  await app.register(requestLog);
  await app.register(securityHeaders, services);
  await app.register(cors, services);
  await app.register(health, services);
  await app.register(identityFace, services);
  await app.register(trpcFace, services);
  return app;
}
