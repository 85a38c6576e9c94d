import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/** A configuration that the server cannot start with; the message names each variable. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

const minSecretLength = 32;

const port = z.coerce
  .number('must be a number')
  .int('must be a whole number')
  .min(0, 'must be a port from 0 to 65535')
  .max(65_535, 'must be a port from 0 to 65535');
const postgresUrl = z
  .string()
  .refine(
    (value) => URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol),
    'must be a PostgreSQL URL, such as postgres://user:password@host:5432/typedo',
  )
  .refine((value) => {
    const file = URL.canParse(value) && new URL(value).searchParams.get('sslrootcert');
    return !file || existsSync(file);
  }, 'names a file as sslrootcert that is not there');
const redisUrl = z
  .string()
  .refine(
    (value) => URL.canParse(value) && /^rediss?:\/\/[^/]+(\/\d*)?$/.test(value),
    'must be a Redis URL, such as redis://user:password@host:6379/0, or rediss:// for TLS',
  );
const httpUrl = z
  .string()
  .refine(
    (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
    'must be an http or https URL',
  );
const origin = httpUrl.refine(
  (value) => URL.canParse(value) && new URL(value).origin === value,
  'must be origins, such as https://app.example.com, without a path or a final slash',
);
const commaSeparated = (value: string): string[] =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

const trustedIssuers = z.array(
  z.strictObject({ issuer: httpUrl, audience: z.string().min(1), jwksUrl: httpUrl }),
);

const variables = z.object({
  NODE_ENV: z.enum(['production', 'development', 'test']).optional(),
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(4000),
  WEB_PORT: port.default(3000),
  METRICS_PORT: port.optional(),
  DATA_DIR: z.string().default('.data'),
  DATABASE_URL: postgresUrl.optional(),
  DIRECT_DATABASE_URL: postgresUrl.optional(),
  REDIS_URL: redisUrl.optional(),
  BETTER_AUTH_SECRET: z
    .string()
    .min(minSecretLength, `must have at least ${minSecretLength} characters`)
    .optional(),
  BETTER_AUTH_URL: origin.optional(),
  AUTH_TRUSTED_ISSUERS: z
    .string()
    .default('[]')
    .transform((value, context) => {
      try {
        return JSON.parse(value) as unknown;
      } catch {
        context.addIssue('must be JSON: [{"issuer": …, "audience": …, "jwksUrl": …}]');
        return z.NEVER;
      }
    })
    .pipe(trustedIssuers),
  CORS_ORIGINS: z.string().default('').transform(commaSeparated).pipe(z.array(origin)),
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform(commaSeparated)
    .pipe(
      z.array(
        z.union(
          [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
          'must be IP addresses or networks, such as 127.0.0.1,10.0.0.0/8',
        ),
      ),
    ),
  RATE_LIMIT: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .default(100),
  PANEL: z.enum(['0', '1'], 'must be 1 or 0').optional(),
  BCRYPT_COST: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(4, 'must be from 4 to 16')
    .max(16, 'must be from 4 to 16')
    .default(12),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  OTEL_TRACES_SAMPLER: z
    .enum(
      ['parentbased_always_on', 'parentbased_traceidratio'],
      'must be parentbased_always_on or parentbased_traceidratio',
    )
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number('must be a number')
    .min(0, 'must be from 0 to 1')
    .max(1, 'must be from 0 to 1')
    .default(1),
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'must be fatal, error, warn, info, debug, trace or silent',
    )
    .default('info'),
});
type Variables = z.infer<typeof variables>;

/** The web app as `pnpm start` runs it on this machine, which needs no configuration. */
const ownWeb = ({ WEB_PORT }: Variables) => ({
  origins: [`http://localhost:${WEB_PORT}`, `http://127.0.0.1:${WEB_PORT}`],
  addresses: ['127.0.0.1', '::1'],
});

/** What the server is told by its environment, checked and with defaults. */
export interface Env extends Omit<Variables, 'BETTER_AUTH_URL' | 'BETTER_AUTH_SECRET' | 'PANEL'> {
  /** Whether there is a panel: unless told, not under NODE_ENV=production. */
  PANEL: boolean;
  /** The public address of the service. */
  baseUrl: string;
  /** Absent in the embedded default, which keeps its own in DATA_DIR. */
  secret: string | undefined;
}

const strict = (env: Variables): string[] => {
  const missing = (['DATABASE_URL', 'BETTER_AUTH_SECRET', 'BETTER_AUTH_URL'] as const).filter(
    (name) => env[name] === undefined,
  );
  return [
    ...missing.map((name) => `${name} must be set when NODE_ENV is production`),
    ...(env.BCRYPT_COST < 10
      ? ['BCRYPT_COST must be at least 10 when NODE_ENV is production']
      : []),
    ...(env.BETTER_AUTH_SECRET && new Set(env.BETTER_AUTH_SECRET).size < 10
      ? ['BETTER_AUTH_SECRET must be random, such as the output of: openssl rand -base64 32']
      : []),
  ];
};

/** Adds what `.env` in the working directory sets and the environment does not. */
export function loadDotEnv(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

/** Reads the environment. @throws ConfigurationError with a line for each variable that is wrong */
export function readEnv(source: NodeJS.ProcessEnv = process.env): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = variables.safeParse(given);
  const problems = parsed.success
    ? parsed.data.NODE_ENV === 'production'
      ? strict(parsed.data)
      : []
    : parsed.error.issues.map((issue) => `${issue.path[0]?.toString()} ${issue.message}`);
  if (!parsed.success || problems.length > 0) {
    throw new ConfigurationError(
      `Typedo cannot start with this environment (.env.example explains each variable):\n${[
        ...new Set(problems),
      ]
        .map((problem) => `  ${problem}`)
        .join('\n')}`,
    );
  }
  if (parsed.data.DIRECT_DATABASE_URL && !parsed.data.DATABASE_URL) {
    throw new ConfigurationError(
      'DIRECT_DATABASE_URL is set and DATABASE_URL is not: set both, or neither to use the embedded PostgreSQL.',
    );
  }
  const { BETTER_AUTH_URL, BETTER_AUTH_SECRET, PANEL, ...env } = parsed.data;
  const baseUrl = BETTER_AUTH_URL ?? `http://localhost:${env.PORT}`;
  if (BETTER_AUTH_URL === undefined) {
    const { origins, addresses } = ownWeb(parsed.data);
    env.CORS_ORIGINS.push(...origins);
    env.TRUSTED_PROXIES.push(...addresses);
  }
  if (env.AUTH_TRUSTED_ISSUERS.some(({ issuer }) => issuer === baseUrl)) {
    throw new ConfigurationError(
      'AUTH_TRUSTED_ISSUERS must not name the service itself, which BETTER_AUTH_URL does already.',
    );
  }
  return {
    ...env,
    PANEL: PANEL === undefined ? env.NODE_ENV !== 'production' : PANEL === '1',
    DATA_DIR: resolve(env.DATA_DIR),
    baseUrl,
    secret: BETTER_AUTH_SECRET,
  };
}

/** The secret that this installation made for itself, in a file that only its user can read. */
export function ownSecret(dataDir: string): string {
  const file = join(dataDir, 'secret');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const secret = readFileSync(file, 'utf8').trim();
  if (secret.length < minSecretLength) {
    throw new ConfigurationError(`${file} is damaged. Restore it, or set BETTER_AUTH_SECRET.`);
  }
  return secret;
}
