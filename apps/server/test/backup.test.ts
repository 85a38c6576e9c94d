import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, signIn, signUp, type TypedoClient } from '@typedo/client';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { type Result, run } from '../../../scripts/testing/commands.ts';
import { differences, readLog, readTables, replay } from '../../../scripts/testing/log.ts';
import { type Run, startServer } from './server-process.ts';

const ann = { name: 'Ann', email: 'ann@example.com', password: 'correct horse' };

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'typedo-backup-'));
  // For root's PostgreSQL, which is another user.
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const start = async (dataDir: string): Promise<Run> => {
  const server = await startServer({ DATA_DIR: dataDir });
  onTestFinished(() => server[Symbol.asyncDispose]());
  await server.printed(/The API is ready at/);
  return server;
};

const stop = async (server: Run): Promise<void> => {
  server.process.kill();
  expect(await server.exited).toEqual({ code: 0 });
};

/** As `pnpm backup` does. */
const backup = (dataDir: string, into: string): Promise<Result> => {
  const script = join(import.meta.dirname, '../../../packages/db/scripts/backup.ts');
  return run('env', [`DATA_DIR=${dataDir}`, process.execPath, script, into], tmpdir());
};

const idsOf = async (client: TypedoClient): Promise<string[]> => {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await client.tasks.list.query({ limit: 100, ...(cursor && { cursor }) });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor);
  return ids;
};

/** What the log of an owner does not say of their rows, or the rows not of the log. */
const torn = async (dataDir: string, ownerId: string): Promise<string[]> => {
  const { server } = JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8')) as {
    server: string;
  };
  const pidFile = readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8');
  const operator = new pg.Client({
    connectionString: `postgres://typedo:${server}@127.0.0.1:${pidFile.split('\n')[3]}/typedo`,
  });
  await operator.connect();
  try {
    await operator.query('set role typedo_operator');
    const { rows, findings } = replay(await readLog(operator, ownerId));
    return [...findings, ...differences('torn', rows, await readTables(operator, ownerId))];
  } finally {
    await operator.end();
  }
};

test('a copy made while tasks are written starts as it is, with all that was there when it began', async () => {
  const folder = newFolder();
  const [dataDir, copy] = [join(folder, 'data'), join(folder, 'copy')];
  const server = await start(dataDir);
  const session = await signUp(server.url, ann);
  const client = createClient({ url: server.url, auth: session });
  const { id: ownerId } = await client.account.me.query();
  const acknowledged: string[] = [];
  const copying = new AbortController();
  const write = async (): Promise<void> => {
    while (!copying.signal.aborted) {
      const { id } = await client.tasks.create.mutate({ title: 'written meanwhile' });
      acknowledged.push(id);
      await client.tasks.complete.mutate({ id });
    }
  };
  const writers = Array.from({ length: 4 }, write);
  await expect.poll(() => acknowledged.length).toBeGreaterThan(100);
  const before = [...acknowledged];
  const made = await backup(dataDir, copy);
  copying.abort();
  await Promise.all(writers);
  await stop(server);
  expect(made).toMatchObject({ exitCode: 0 });
  expect(acknowledged.length).toBeGreaterThan(before.length);

  const again = await start(copy);
  expect(await torn(copy, ownerId)).toEqual([]);
  const signedIn = await signIn(again.url, ann);
  for (const auth of [session, signedIn]) {
    const kept = new Set(await idsOf(createClient({ url: again.url, auth })));
    expect(before.filter((id) => !kept.has(id))).toEqual([]);
  }
});

test('a Typedo that is stopped is copied too, into nothing but an empty folder, and wholly or not at all', async () => {
  const folder = newFolder();
  const [dataDir, copies] = [join(folder, 'data'), join(folder, 'copies')];
  const server = await start(dataDir);
  const session = await signUp(server.url, ann);
  const { id } = await createClient({ url: server.url, auth: session }).tasks.create.mutate({
    title: 'Buy milk',
  });
  await stop(server);

  const copy = join(copies, 'monday');
  expect(await backup(dataDir, copy)).toMatchObject({ exitCode: 0 });
  expect(await backup(dataDir, copy)).toEqual({
    exitCode: 1,
    output: `${copy} is not empty: name another folder.\n`,
  });
  // What no cluster has, and no copy can be made of.
  symlinkSync(folder, join(dataDir, 'postgres/pg_tblspc/16384'));
  const failed = await backup(dataDir, join(copies, 'tuesday'));
  expect(failed.exitCode).toBe(1);
  expect(failed.output).toMatch(/^DATA_DIR .* could not be copied, and nothing is left in .*\n$/);
  expect(readdirSync(copies)).toEqual(['monday']);

  const again = await start(copy);
  expect(await idsOf(createClient({ url: again.url, auth: session }))).toEqual([id]);
});
