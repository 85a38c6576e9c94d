import { setTimeout as wait } from 'node:timers/promises';
import { createDatabase, type Database, isUnavailable } from '@typedo/db';
import { EmbeddedPostgresError, startEmbeddedPostgres } from '@typedo/db/embedded';
import { DatabaseSetupError, migrate } from '@typedo/db/migrate';
import closeWithGrace from 'close-with-grace';
import { buildApp } from './app.ts';
import { doctor, wrongSecret } from './doctor.ts';
import { ConfigurationError, type Env, loadDotEnv, ownSecret, readEnv } from './env.ts';
import { keepHorizon } from './horizon.ts';
import { createLog, type Log } from './log.ts';
import { createShared } from './shared.ts';
import type { Tracing } from './tracing.ts';

/** Undoes what was started, last first, when the server stops or could not start. */
const cleanups: (() => Promise<void>)[] = [];
const stop = async (): Promise<void> => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
};

interface Urls {
  url: string;
  directUrl: string;
}
const connectDatabase = async (env: Env, log: Log): Promise<Urls> => {
  if (env.DATABASE_URL) {
    return { url: env.DATABASE_URL, directUrl: env.DIRECT_DATABASE_URL ?? env.DATABASE_URL };
  }
  const embedded = await startEmbeddedPostgres({
    dataDir: env.DATA_DIR,
    onNotice: (message) => log.info(message),
  });
  cleanups.push(() => embedded.stop());
  log.info(`DATABASE_URL is not set: using a PostgreSQL of its own in ${embedded.clusterDir}`);
  return embedded;
};

/** Counts how the service does, and serves it on a port of its own, when there is one. */
const startMetrics = async ({ HOST, METRICS_PORT }: Env, log: Log) => {
  if (METRICS_PORT === undefined) return undefined;
  // Loaded only here: it costs memory, and counting garbage collections some time.
  const { createMetrics, metricsServer } = await import('./metrics.ts');
  const metrics = createMetrics();
  const server = metricsServer(metrics);
  cleanups.push(() => server.close());
  const listening = server.listen({ host: HOST, port: METRICS_PORT });
  const address = await listening.catch(({ code, message }: NodeJS.ErrnoException) => {
    const why = code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${message})`;
    throw new ConfigurationError(`METRICS_PORT ${METRICS_PORT} ${why}: set it to another.`);
  });
  log.info(`Metrics are at ${address}/metrics`);
  return metrics;
};

/** Tells a collector what is done for each call, when there is one. */
const startTracing = async (env: Env, log: Log) => {
  if (env.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return undefined;
  const { createTracing } = await import('./tracing.ts');
  const hasRatio = env.OTEL_TRACES_SAMPLER === 'parentbased_traceidratio';
  const tracing = createTracing({
    endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
    ratio: hasRatio ? env.OTEL_TRACES_SAMPLER_ARG : 1,
    log,
  });
  cleanups.push(() => tracing.close());
  return tracing;
};

/** How long load balancers have to notice that the server stops: as often they ask, and a little. */
const drainMs = 5000;

/** Where a thousand connect at once, what does not fit in Node's own 511 is tried again a second later. */
const backlog = 4096;

/** Node's for certificates that do not prove whom it talks to. */
const untrusted = /CERT|^UNABLE_TO_(GET|VERIFY)/;

/** PgBouncer asks a PostgreSQL that was away again after 15 s, and refuses all until then. */
const poolerMs = 20_000;
const pauseMs = 250;
/** What time does not heal. */
const wrong = /^(ECONNREFUSED|ENOTFOUND|28P01|28000|3D000)$/;

/** Waits until a database that is there, as migrating it has shown, answers by the service's URL too. */
const waitForPooler = async (database: Database): Promise<void> => {
  const endsAt = performance.now() + poolerMs;
  for (;;) {
    try {
      return await database.ping();
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      const isPassing = isUnavailable(error) && !wrong.test(code);
      if (!isPassing || performance.now() > endsAt) throw error;
      await wait(pauseMs);
    }
  }
};

interface Installation {
  env: Env;
  log: Log;
  urls: Urls;
}

const openDatabase = ({ urls, log }: Installation, tracing?: Tracing): Database => {
  const database = createDatabase({
    url: urls.url,
    onError: (err) => log.warn({ err }, 'lost a connection'),
    trace: tracing?.statement,
  });
  cleanups.push(() => database.close());
  return database;
};

const secretOf = (env: Env): string => env.secret ?? ownSecret(env.DATA_DIR);

const serve = async (installation: Installation): Promise<void> => {
  const { env, log, urls } = installation;
  const secret = secretOf(env);
  const applied = await migrate(urls);
  if (applied.length > 0) log.info(`Applied migrations: ${applied.join(', ')}`);

  const tracing = await startTracing(env, log);
  const database = openDatabase(installation, tracing);
  await waitForPooler(database);
  cleanups.push(keepHorizon(database, log));

  const metrics = await startMetrics(env, log);
  const shared = await createShared(env.REDIS_URL, log);
  cleanups.push(() => shared.close());

  const app = await buildApp({
    database,
    metrics,
    tracing,
    log,
    baseUrl: env.baseUrl,
    secret,
    bcryptCost: env.BCRYPT_COST,
    attemptsPerMinute: 20,
    callsPerMinute: env.RATE_LIMIT,
    hasPanel: env.PANEL,
    corsOrigins: env.CORS_ORIGINS,
    trustedProxies: env.TRUSTED_PROXIES,
    trustedIssuers: env.AUTH_TRUSTED_ISSUERS,
    shared,
    drainMs: env.NODE_ENV === 'production' ? drainMs : 0,
  });
  cleanups.push(() => app.close());
  await app.listen({ host: env.HOST, port: env.PORT, backlog });
  log.info(`The API is ready at ${env.baseUrl}`);
};

/** What each command does; all but `serve` end by themselves. */
const commands = {
  serve,
  async migrate({ urls }: Installation) {
    const applied = await migrate(urls);
    console.log(
      applied.length > 0 ? `Applied: ${applied.join(', ')}` : 'The database is up to date already.',
    );
  },
  async jobs(installation: Installation) {
    const { tasks, changes, keys } = await openDatabase(installation).forgetPast(new Date());
    console.log(
      `Deleted what is past the horizon: ${tasks} tasks, ${changes} changes, ${keys} idempotency keys.`,
    );
  },
  async doctor(installation: Installation) {
    const { env, urls } = installation;
    const isWell = await doctor({
      urls,
      isEmbedded: env.DATABASE_URL === undefined,
      database: openDatabase(installation),
      secret: secretOf(env),
    });
    if (!isWell) process.exitCode = 1;
  },
};
const isCommand = (name: string): name is keyof typeof commands => Object.hasOwn(commands, name);

const usage = `Usage: node main.js [command]

  serve    migrates the database if it must, and serves; what is done without a command
  migrate  applies the migrations that the database lacks, by DIRECT_DATABASE_URL
  jobs     deletes what is past its horizon, once; serve does so every hour
  doctor   looks whether configuration and database are as they must be, and says what to do

Everything else is told by environment variables: see .env.example.`;

const start = async (command: keyof typeof commands): Promise<void> => {
  loadDotEnv();
  const env = readEnv();
  const log = createLog(env.LOG_LEVEL);
  const urls = await connectDatabase(env, log);
  await commands[command]({ env, log, urls });
};

/** What went wrong, as a sentence for whoever started the server; undefined for what is a bug. */
const explain = (error: unknown): string | undefined => {
  if (
    error instanceof ConfigurationError ||
    error instanceof EmbeddedPostgresError ||
    error instanceof DatabaseSetupError
  ) {
    return error.message;
  }
  if (!(error instanceof Error)) return undefined;
  const { code, port, address } = error as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
  };
  if (isUnavailable(error) || untrusted.test(code ?? '')) {
    return (
      `The database that DATABASE_URL and DIRECT_DATABASE_URL name cannot be used ` +
      `(${error.message || code}). Start it, or correct the variable.`
    );
  }
  if (code === 'EADDRINUSE') {
    return `Port ${port} on ${address} is in use. Stop what listens there, or set PORT to another.`;
  }
  if (code === 'EACCES' && port)
    return `PORT ${port} may not be used by this user. Set PORT to another.`;
  if (code === 'EADDRNOTAVAIL') return `HOST ${address} is no address of this machine.`;
  if (/decrypt private key/.test(error.message)) return wrongSecret;
  return undefined;
};

const [command = 'serve', ...rest] = process.argv.slice(2);
if (command === '--help') {
  console.log(usage);
  process.exit();
}
if (!isCommand(command) || rest.length > 0) {
  console.error(usage);
  process.exit(64);
}
const started = start(command);

closeWithGrace({ delay: 25_000, logger: false }, async ({ err }) => {
  if (err) console.error(err);
  // A PostgreSQL that is just being started must not stay behind.
  await started.catch(() => {});
  await stop();
});

try {
  await started;
  if (command !== 'serve') {
    await stop();
    process.exit();
  }
} catch (error) {
  const sentence = explain(error);
  console.error(sentence && command === 'doctor' ? `wrong  ${sentence}` : (sentence ?? error));
  await stop();
  process.exit(1);
}
