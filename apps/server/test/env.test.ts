import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigurationError, ownSecret, readEnv } from '../src/env.ts';

const secret = 'Zk3vQ0pX9sLw2bR8nTfY6uHc1jMa5gDe';
const production = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://typedo@db/typedo',
  BETTER_AUTH_SECRET: secret,
  BETTER_AUTH_URL: 'https://typedo.example.com',
};

test('nothing needs to be set to start on this machine', () => {
  expect(readEnv({})).toMatchObject({
    HOST: '127.0.0.1',
    PORT: 4000,
    baseUrl: 'http://localhost:4000',
  });
  expect(readEnv({ PORT: '', DATABASE_URL: '' })).toMatchObject({
    PORT: 4000,
  });
});

test('on this machine, the web app beside the API is trusted; a public address needs it said', () => {
  expect(readEnv({ WEB_PORT: '3100', CORS_ORIGINS: 'https://a.example.com' })).toMatchObject({
    CORS_ORIGINS: ['https://a.example.com', 'http://localhost:3100', 'http://127.0.0.1:3100'],
    TRUSTED_PROXIES: ['127.0.0.1', '::1'],
  });
  expect(readEnv(production)).toMatchObject({ CORS_ORIGINS: [], TRUSTED_PROXIES: [] });
});

test.each([
  ['NODE_ENV', 'prod'],
  ['PORT', 'http'],
  ['PORT', '70000'],
  ['WEB_PORT', '-1'],
  ['METRICS_PORT', 'none'],
  ['DATABASE_URL', 'mysql://db/typedo'],
  ['DATABASE_URL', 'postgres://db/typedo?sslmode=verify-full&sslrootcert=/nowhere.pem'],
  ['DATABASE_URL', 'nonsense'],
  ['DIRECT_DATABASE_URL', 'http://db'],
  ['DIRECT_DATABASE_URL', 'postgres://db/typedo'],
  ['REDIS_URL', 'localhost:6379'],
  ['REDIS_URL', 'redis://'],
  ['REDIS_URL', 'redis://cache/tasks'],
  ['REDIS_URL', 'https://cache'],
  ['BETTER_AUTH_SECRET', 'short'],
  ['BETTER_AUTH_URL', 'typedo.example.com'],
  ['BETTER_AUTH_URL', 'https://typedo.example.com/path'],
  ['AUTH_TRUSTED_ISSUERS', 'https://issuer'],
  ['AUTH_TRUSTED_ISSUERS', '[{"issuer":"https://issuer"}]'],
  [
    'AUTH_TRUSTED_ISSUERS',
    '[{"issuer":"http://localhost:4000","audience":"a","jwksUrl":"http://a"}]',
  ],
  ['CORS_ORIGINS', 'https://a.example.com/,*'],
  ['TRUSTED_PROXIES', 'everyone'],
  ['RATE_LIMIT', '0'],
  ['RATE_LIMIT', 'none'],
  ['PANEL', 'yes'],
  ['BCRYPT_COST', '3'],
  ['BCRYPT_COST', 'many'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
  ['OTEL_TRACES_SAMPLER', 'always_off'],
  ['OTEL_TRACES_SAMPLER_ARG', '2'],
  ['LOG_LEVEL', 'loud'],
])('a wrong %s stops the start by its name: %s', (name, value) => {
  expect(() => readEnv({ [name]: value })).toThrow(ConfigurationError);
  expect(() => readEnv({ [name]: value })).toThrow(name);
});

test('in production, what is weak or missing stops the start by its name', () => {
  expect(readEnv(production)).toMatchObject({ baseUrl: 'https://typedo.example.com', secret });
  for (const name of ['DATABASE_URL', 'BETTER_AUTH_SECRET', 'BETTER_AUTH_URL']) {
    expect(() => readEnv({ ...production, [name]: undefined })).toThrow(name);
  }
  expect(() => readEnv({ ...production, BCRYPT_COST: '9' })).toThrow('BCRYPT_COST');
  expect(() => readEnv({ ...production, BETTER_AUTH_SECRET: 'a'.repeat(32) })).toThrow(
    'BETTER_AUTH_SECRET',
  );
});

test('several wrong variables are all named at once', () => {
  expect(() => readEnv({ PORT: 'x', LOG_LEVEL: 'x' })).toThrow(/PORT.*\n.*LOG_LEVEL/);
});

test('.env.example explains each variable', () => {
  const example = readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8');
  const source = readFileSync(new URL('../src/env.ts', import.meta.url), 'utf8');
  const names = [...source.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) expect(example).toMatch(new RegExp(`^#? ?${name}=`, 'm'));
});

test('the secret that an installation makes for itself stays the same, and is its user’s alone', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'typedo-secret-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const made = ownSecret(dataDir);
  expect(made.length).toBeGreaterThanOrEqual(32);
  expect(ownSecret(dataDir)).toBe(made);
  expect(statSync(join(dataDir, 'secret')).mode & 0o777).toBe(0o600);
  writeFileSync(join(dataDir, 'secret'), '');
  expect(() => ownSecret(dataDir)).toThrow(/damaged/);
});
