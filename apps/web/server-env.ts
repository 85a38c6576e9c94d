import { existsSync } from 'node:fs';
import { BlockList, isIPv6 } from 'node:net';
import { z } from 'zod';

/** A configuration that the web server cannot start with; the message names each variable. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

const network = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
  'must be IP addresses or networks, such as 127.0.0.1,10.0.0.0/8',
);

const isHttpUrl = (value: string): boolean =>
  URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);

const variables = z.object({
  HOST: z.string().default('127.0.0.1'),
  WEB_PORT: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(0, 'must be a port from 0 to 65535')
    .max(65_535, 'must be a port from 0 to 65535')
    .default(3000),
  API_URL: z
    .string()
    .refine(isHttpUrl, 'must be an http or https URL, such as http://127.0.0.1:4000')
    .optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .refine(isHttpUrl, 'must be an http or https URL')
    .optional(),
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((value) => value.split(',').flatMap((item) => item.trim() || []))
    .pipe(z.array(network)),
});

/** What the web server is told by its environment, checked and with defaults. */
export interface ServerEnv {
  host: string;
  port: number;
  /** Whose word on a client's address is taken. */
  trustedProxies: BlockList;
  /** Of the collector of traces, if there is one. */
  otlpEndpoint: string | undefined;
}

const toBlockList = (networks: string[]): BlockList => {
  const list = new BlockList();
  for (const item of networks) {
    const [address = '', prefix] = item.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix) list.addSubnet(address, Number(prefix), family);
    else list.addAddress(address, family);
  }
  return list;
};

/**
 * Reads the environment and `.env` in the working directory, and tells Next that this is production.
 *
 * @throws ConfigurationError with a line for each variable that is wrong
 */
export function readServerEnv(): ServerEnv {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const given = Object.entries(process.env).filter(([, value]) => value !== '');
  const parsed = variables.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `  ${String(path[0])} ${message}`,
    );
    throw new ConfigurationError(
      `Typedo's web app cannot start with this environment (.env.example explains each variable):\n${[...new Set(problems)].join('\n')}`,
    );
  }
  // Next looks at both when it is loaded; its types say that NODE_ENV is read-only.
  Object.assign(process.env, { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' });
  const { HOST, WEB_PORT, TRUSTED_PROXIES, OTEL_EXPORTER_OTLP_ENDPOINT } = parsed.data;
  return {
    host: HOST,
    port: WEB_PORT,
    trustedProxies: toBlockList(TRUSTED_PROXIES),
    otlpEndpoint: OTEL_EXPORTER_OTLP_ENDPOINT,
  };
}
