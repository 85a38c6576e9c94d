import { type Env, loadDotEnv, readEnv } from '../apps/server/src/env.ts';

const everyAddress = ['0.0.0.0', '::'];

/**
 * What `pnpm start` and `pnpm dev` go by, `.env` included, and what they give to the programs that
 * they run: for the web app also where the API is, and whether newcomers may try the app without
 * signing up, which only an embedded PostgreSQL is there for.
 *
 * @throws ConfigurationError with a line for each variable that is wrong
 */
export function readStartEnv(): { env: Env; programEnv: NodeJS.ProcessEnv } {
  loadDotEnv();
  const env = readEnv();
  const host = everyAddress.includes(env.HOST) ? '127.0.0.1' : env.HOST;
  const isForOne = env.DATABASE_URL === undefined && env.NODE_ENV !== 'production';
  const programEnv = {
    API_URL: `http://${host.includes(':') ? `[${host}]` : host}:${env.PORT}`,
    ...(isForOne && { TYPEDO_TRY: '1' }),
    NEXT_TELEMETRY_DISABLED: '1',
    TURBO_TELEMETRY_DISABLED: '1',
    ...process.env,
  };
  return { env, programEnv };
}
