import { createTestDatabase } from '@typedo/db/testing';
import { afterAll, expect, inject, test } from 'vitest';
import { startServer } from './server-process.ts';

const database = await createTestDatabase(inject('database'));
afterAll(() => database.drop());
const installation = {
  DATABASE_URL: database.url,
  DIRECT_DATABASE_URL: database.directUrl,
  BETTER_AUTH_SECRET: 'a-secret-of-this-test-alone-0123456789',
};

const run = async (command: string, env: Record<string, string> = {}) => {
  await using process = await startServer({ ...installation, ...env }, [], [command]);
  const { code } = await process.exited;
  return { code, output: process.output() };
};

test('the bundle migrates, does what serve does hourly, and ends', async () => {
  expect(await run('migrate')).toEqual({
    code: 0,
    output: 'The database is up to date already.\n',
  });
  const jobs = await run('jobs');
  expect(jobs).toMatchObject({ code: 0, output: expect.stringMatching(/^Deleted .* \d+ tasks/) });
});

test('doctor says what is well, what is wrong and what to do, and never a secret', async () => {
  await using server = await startServer(installation);
  await server.printed(/The API is ready at/);
  const first = await run('doctor');
  expect(first.output).toMatch(/^ok {5}protection: /m);
  expect(first.output).toMatch(/^ok {5}secret: /m);
  // As the login is made: the embedded PostgreSQL bounds it.
  expect(first.output).toMatch(
    /^(ok {5}timeouts: lock_timeout \d|wrong {2}timeouts: .*alter role)/m,
  );
  const migrating = await run('doctor', { DATABASE_URL: database.directUrl });
  expect(migrating.code).toBe(1);
  expect(migrating.output).toMatch(/^wrong {2}\w+: .*migrator may /m);
  const other = await run('doctor', {
    BETTER_AUTH_SECRET: 'another-secret-of-this-test-0123456789',
  });
  expect(other.output).toMatch(/^wrong {2}secret: /m);
  const gone = await run('doctor', {
    DATABASE_URL: 'postgres://typedo:its-password@127.0.0.1:1/x',
  });
  expect(gone.output).toMatch(/^wrong {2}.*DATABASE_URL/m);
  for (const { output } of [first, migrating, other, gone])
    expect(output).not.toMatch(/-secret-|its-password/);
});

test('a command that is none is answered with those that are', async () => {
  expect(await run('--help')).toMatchObject({ code: 0, output: expect.stringMatching(/doctor/) });
  expect(await run('server')).toMatchObject({ code: 64, output: expect.stringMatching(/doctor/) });
});
