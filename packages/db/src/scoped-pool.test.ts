import pg from 'pg';
import { afterAll, expect, inject, test } from 'vitest';
import type { Scope } from './scope.ts';
import { ScopedPool } from './scoped-pool.ts';
import { UnsafeQueryError } from './user-db.ts';

// What is relied on in pg's internals: with another version of pg, these tell whether it still holds.

let scope: Scope | undefined;
const pool = new ScopedPool({ connectionString: inject('database').url, max: 2 }, () => {
  if (!scope) throw new UnsafeQueryError('no scope');
  return scope;
});
afterAll(() => pool.end());

const owner = '0199c2d4-7a10-7cc3-98c4-dc0c0c07398f';
const user: Scope = { role: 'typedo_app', ownerId: owner, actor: 'session:1', requestId: 'r1' };
const whoAmI = {
  text: `select current_user::text, current_setting('typedo.owner', true),
    current_setting('typedo.actor', true), current_setting('typedo.request_id', true)`,
  rowMode: 'array',
} as const;
const as = <Result>(next: Scope, work: () => Promise<Result>): Promise<Result> => {
  scope = next;
  return work().finally(() => {
    scope = undefined;
  });
};

test('a statement runs in its role, for its owner, actor and request', async () => {
  const { rows, fields } = await as(user, () => pool.query(whoAmI));
  expect(rows).toEqual([['typedo_app', owner, 'session:1', 'r1']]);
  expect(fields).toHaveLength(4);
});

test('without a scope nothing runs', async () => {
  await expect(pool.query(whoAmI)).rejects.toThrow(UnsafeQueryError);
  await expect(pool.connect()).rejects.toThrow(UnsafeQueryError);
});

test('a scope ends with its statement', async () => {
  await as(user, () => pool.query(whoAmI));
  const { rows } = await as({ role: 'typedo_auth' }, () => pool.query(whoAmI));
  expect(rows).toEqual([['typedo_auth', '', '', '']]);
});

test('values arrive as parameters, and rows and counts come back', async () => {
  const { rows, rowCount } = await as(user, () =>
    pool.query({
      text: 'select $1::int + g from generate_series(1, 3) g',
      values: [10],
      rowMode: 'array',
    }),
  );
  expect(rows).toEqual([[11], [12], [13]]);
  expect(rowCount).toBe(3);
});

test('statements of many users on two connections never meet', async () => {
  const ids = Array.from({ length: 200 }, () => crypto.randomUUID());
  const seen = await Promise.all(
    ids.map((id) => as({ role: 'typedo_app', ownerId: id }, () => pool.query(whoAmI))),
  );
  expect(seen.map(({ rows }) => rows[0]?.[1])).toEqual(ids);
});

test('a statement that fails leaves the connection clean', async () => {
  await expect(
    as(user, () => pool.query({ text: 'select 1 / 0', rowMode: 'array' })),
  ).rejects.toMatchObject({ code: '22012' });
  const { rows } = await as({ role: 'typedo_auth' }, () => pool.query(whoAmI));
  expect(rows).toEqual([['typedo_auth', '', '', '']]);
});

test('a scope that PostgreSQL refuses stops the statement too', async () => {
  const notUuid = { ...user, ownerId: 'everybody' };
  await expect(
    as(notUuid, () => pool.query({ text: 'select count(*) from tasks', rowMode: 'array' })),
  ).rejects.toMatchObject({ code: '22P02' });
});

test('a transaction keeps the scope that it began with, whatever runs meanwhile', async () => {
  const connection = await as(user, () => pool.connect());
  await connection.query({ text: 'BEGIN', rowMode: 'array' });
  scope = { role: 'typedo_auth' };
  const { rows } = await connection.query(whoAmI);
  await connection.query({ text: 'COMMIT', rowMode: 'array' });
  connection.release();
  scope = undefined;
  expect(rows).toEqual([['typedo_app', owner, 'session:1', 'r1']]);
});

test('a statement after the end of its transaction still runs in its own scope', async () => {
  const connection = await as(user, () => pool.connect());
  await connection.query({ text: 'BEGIN', rowMode: 'array' });
  await connection.query({ text: 'ROLLBACK', rowMode: 'array' });
  const { rows } = await connection.query(whoAmI);
  connection.release();
  expect(rows).toEqual([['typedo_app', owner, 'session:1', 'r1']]);
});

test('a connection that PostgreSQL cuts in the middle of a statement is replaced', async () => {
  const sleeping = as(user, () =>
    pool.query({ text: 'select pg_sleep(60)', rowMode: 'array' }),
  ).catch(String);
  const administrator = new pg.Client({ connectionString: inject('database').url });
  await administrator.connect();
  const isCut = async () => {
    const { rowCount } = await administrator.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where query = 'select pg_sleep(60)'`,
    );
    return rowCount;
  };
  await expect.poll(isCut).toBe(1);
  expect(await sleeping).toMatch(/terminat/);
  await administrator.end();
  const { rows } = await as(user, () => pool.query(whoAmI));
  expect(rows).toHaveLength(1);
});

test('a connection that was released is nobody’s to use, or to release again', async () => {
  const pid = { text: 'select pg_backend_pid()', rowMode: 'array' } as const;
  const first = await as(user, () => pool.connect());
  first.release();
  const second = await as(user, () => pool.connect());
  first.release();
  const third = await as(user, () => pool.connect());
  const pids = await Promise.all([second.query(pid), third.query(pid)]);
  expect(pids[0]?.rows).not.toEqual(pids[1]?.rows);
  await expect(first.query({ text: 'ROLLBACK', rowMode: 'array' })).rejects.toThrow(/released/);
  second.release();
  third.release();
});

test('an empty statement answers nothing, and the connection goes on', async () => {
  await as(user, () => pool.query({ text: '', rowMode: 'array' }));
  const { rows } = await as(user, () => pool.query(whoAmI));
  expect(rows).toHaveLength(1);
});
