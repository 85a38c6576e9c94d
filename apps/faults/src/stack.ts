import type pg from 'pg';
import { startTestRedis, type TestRedis } from '../../server/test/redis-server.ts';
import { freePort } from '../../../scripts/testing/free-port.ts';
import { type Gate, startGate } from '../../../scripts/testing/gate.ts';
import { startPgBouncer } from '../../../scripts/testing/pgbouncer.ts';
import { connect } from '../../../scripts/testing/world.ts';
import { startHaproxy } from './haproxy.ts';
import { createInstance, type Instance } from './instance.ts';
import { type Postgres, startPostgres } from './postgres.ts';

/**
 * clients → haproxy → three instances → gate → PgBouncer → gate → PostgreSQL
 *                                     → gate → Redis
 */
export interface Stack extends AsyncDisposable {
  /** Of haproxy. */
  url: string;
  instances: Instance[];
  postgres: Postgres;
  redis: TestRedis;
  gates: { pgBouncer: Gate; postgres: Gate; redis: Gate };
  /** A connection past all gates that sees every user's rows. */
  connectOperator(): Promise<pg.Client>;
}

export async function startStack(): Promise<Stack> {
  await using started = new AsyncDisposableStack();
  const postgres = started.use(await startPostgres());
  const redis = started.use(await startTestRedis());
  const toPostgres = started.use(await startGate(postgres.url));
  const pgBouncer = started.use(
    await startPgBouncer({ url: toPostgres.url, directUrl: postgres.directUrl }),
  );
  const toPgBouncer = started.use(await startGate(pgBouncer.url));
  const toRedis = started.use(await startGate(redis.url));
  const ports = [await freePort(), await freePort(), await freePort()];
  const haproxy = started.use(await startHaproxy(ports.map((port) => `http://127.0.0.1:${port}`)));
  const env = {
    NODE_ENV: 'production',
    DATABASE_URL: toPgBouncer.url,
    DIRECT_DATABASE_URL: postgres.directUrl,
    REDIS_URL: toRedis.url,
    BETTER_AUTH_SECRET: 'a-secret-of-the-suite-alone-0123456789',
    BETTER_AUTH_URL: haproxy.url,
    TRUSTED_PROXIES: '127.0.0.1',
    BCRYPT_COST: '10',
    RATE_LIMIT: '1000000000',
  };
  const instances = ports.map((port) => started.use(createInstance(port, env)));
  for (const instance of instances) await instance.start();
  const all = started.move();
  return {
    url: haproxy.url,
    instances,
    postgres,
    redis,
    gates: { pgBouncer: toPgBouncer, postgres: toPostgres, redis: toRedis },
    async connectOperator() {
      const operator = await connect(postgres.url, 'typedo_operator');
      // As the log writes times.
      await operator.query(`set timezone = 'UTC'`);
      return operator;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
