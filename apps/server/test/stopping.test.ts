import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { signUp } from '@typedo/client';
import type { TestDatabase } from '@typedo/db/testing';
import { expect, inject, test } from 'vitest';
import { freePort } from '../../../scripts/testing/free-port.ts';
import { accessToken, testSecret } from './harness.ts';
import { startServer } from './server-process.ts';

test('told to stop, an operator’s server says so first, answers what still comes, and lets streams go on elsewhere', async () => {
  const { url: DATABASE_URL, directUrl: DIRECT_DATABASE_URL }: TestDatabase = inject('database');
  const PORT = String(await freePort());
  await using server = await startServer({
    NODE_ENV: 'production',
    DATABASE_URL,
    DIRECT_DATABASE_URL,
    BETTER_AUTH_SECRET: testSecret,
    BETTER_AUTH_URL: `http://localhost:${PORT}`,
    BCRYPT_COST: '10',
    PORT,
  });
  await server.printed(/The API is ready at/);
  const email = `${crypto.randomUUID()}@example.com`;
  const session = await signUp(server.url, { name: 'Ann', email, password: 'correct horse' });
  const authorization = `Bearer ${await accessToken(server, session)}`;
  const list = () => fetch(`${server.url}/api/v1/tasks`, { headers: { authorization } });

  const stream = await fetch(`${server.url}/api/trpc/sync.changes`, {
    headers: { authorization, accept: 'text/event-stream' },
  });
  const events = stream.body?.getReader();
  await events?.read();
  const streamEnds = (async () => {
    while (!(await events?.read())?.done);
  })().catch(() => {});

  const body = JSON.stringify({ title: 'Milk' });
  const slow = connect(Number(PORT), '127.0.0.1');
  slow.write(
    `POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n{`,
  );
  // The server has read that much once a later request is answered.
  expect((await list()).headers.get('connection')).toBe('keep-alive');

  server.process.kill('SIGTERM');
  await expect.poll(async () => (await fetch(`${server.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  const late = await list();
  expect([late.status, late.headers.get('connection')]).toEqual([200, 'close']);
  slow.write(body.slice(1));
  expect(await text(slow)).toMatch(/^HTTP\/1\.1 201 /);
  await streamEnds;
  expect(await server.exited).toEqual({ code: 0 });
});
