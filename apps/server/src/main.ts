import { createDatabase } from '@typedo/db';
import { EmbeddedPostgresError, startEmbeddedPostgres } from '@typedo/db/embedded';
import { DatabaseSetupError, migrate } from '@typedo/db/migrate';
import closeWithGrace from 'close-with-grace';
import { buildApp } from './app.ts';
import { ConfigurationError, type Env, loadDotEnv, ownSecret, readEnv } from './env.ts';
import { createLog, type Log } from './log.ts';

/** Undoes what was started, last first, when the server stops or could not start. */
const cleanups: (() => Promise<void>)[] = [];
const stop = async (): Promise<void> => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
};

const connectDatabase = async (env: Env, log: Log): Promise<{ url: string; directUrl: string }> => {
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

const unreachable = /^(ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|28P01|28000|3D000)$/;

const start = async (): Promise<void> => {
  loadDotEnv();
  const env = readEnv();
  const log = createLog(env.LOG_LEVEL);
  const urls = await connectDatabase(env, log);
  const secret = env.secret ?? ownSecret(env.DATA_DIR);
  const applied = await migrate(urls);
  if (applied.length > 0) log.info(`Applied migrations: ${applied.join(', ')}`);

  const database = createDatabase({
    url: urls.url,
    onError: (err) => log.warn({ err }, 'lost a connection'),
  });
  cleanups.push(() => database.close());
  await database.ping();

  const app = await buildApp({
    database,
    log,
    baseUrl: env.baseUrl,
    secret,
    bcryptCost: env.BCRYPT_COST,
    attemptsPerMinute: 20,
    corsOrigins: env.CORS_ORIGINS,
    trustedProxies: env.TRUSTED_PROXIES,
    trustedIssuers: env.AUTH_TRUSTED_ISSUERS,
  });
  cleanups.push(() => app.close());
  await app.listen({ host: env.HOST, port: env.PORT });
  log.info(`The API is ready at ${env.baseUrl}`);
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
  if (code && unreachable.test(code)) {
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
  if (/decrypt private key/.test(error.message)) {
    return (
      'BETTER_AUTH_SECRET is not the one that the signing keys in the database were encrypted ' +
      'with. Set the former secret; or, to give it up, delete the rows of auth_jwks.'
    );
  }
  return undefined;
};

const started = start();

closeWithGrace({ delay: 20_000, logger: false }, async ({ err }) => {
  if (err) console.error(err);
  // A PostgreSQL that is just being started must not stay behind.
  await started.catch(() => {});
  await stop();
});

try {
  await started;
} catch (error) {
  console.error(explain(error) ?? error);
  await stop();
  process.exit(1);
}
