import pg from 'pg';
import { afterAll, expect, inject, onTestFinished, test } from 'vitest';
import type { Scope } from './scope.ts';
import { ScopedPool } from './scoped-pool.ts';
import { UnsafeQueryError } from './owned-sql.ts';

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
  const { rows } = await as(user, () => pool.query(whoAmI));
  expect(rows).toEqual([['typedo_app', owner, 'session:1', 'r1']]);
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
  expect(seen.map(({ rows: [row] }) => (row as string[])[1])).toEqual(ids);
});

test('what is asked at once shares a connection, ten to each, by its own scope and fate', async () => {
  const wide = new ScopedPool({ connectionString: inject('database').url, max: 5 }, () => user);
  onTestFinished(() => wide.end());
  const stranger = { ...user, ownerId: crypto.randomUUID() };
  const [first, failed, second] = await Promise.allSettled([
    wide.run(user, whoAmI),
    wide.run(user, { text: 'select 1 / 0' }),
    wide.run(stranger, whoAmI),
  ]);
  expect(first).toMatchObject({ value: { rows: [['typedo_app', owner, 'session:1', 'r1']] } });
  expect(failed).toMatchObject({ status: 'rejected', reason: { code: '22012' } });
  const { ownerId } = stranger;
  expect(second).toMatchObject({ value: { rows: [['typedo_app', ownerId, 'session:1', 'r1']] } });
  expect(wide.totalCount).toBe(1);
  await Promise.all(Array.from({ length: 11 }, () => wide.run(user, whoAmI)));
  expect(wide.totalCount).toBe(2);
});

test('a statement that cannot be written is refused, and its neighbours get their own answers', async () => {
  const circular: unknown[] = [];
  circular.push({ circular });
  const echo = (value: unknown) =>
    pool.run(user, { text: 'select $1::text', values: [value], rowMode: 'array' });
  const [before, refused, after] = await Promise.allSettled([
    echo('before'),
    echo(circular),
    echo('after'),
  ]);
  expect(refused).toMatchObject({ status: 'rejected', reason: { name: 'UnsendableError' } });
  expect(before).toMatchObject({ value: { rows: [['before']] } });
  expect(after).toMatchObject({ value: { rows: [['after']] } });
});

test('a statement that a connection keeps prepared runs as whoever comes next', async () => {
  const seen: unknown[] = [];
  for (const id of Array.from({ length: 10 }, () => crypto.randomUUID())) {
    for (const role of ['typedo_app', 'typedo_auth'] as const) {
      const statement = { ...whoAmI, name: 'who_am_i' };
      const { rows } = await as({ role, ownerId: id }, () => pool.query(statement));
      seen.push(rows[0], [role, id, '', '']);
    }
  }
  for (let at = 0; at < seen.length; at += 2) expect(seen[at]).toEqual(seen[at + 1]);
});

test('a prepared statement whose table has changed since works again at the second try', async () => {
  const { directUrl, url } = inject('database');
  const owner = new pg.Client({ connectionString: directUrl });
  await owner.connect();
  onTestFinished(() => owner.end());
  const one = new ScopedPool({ connectionString: url, max: 1 }, () => user);
  onTestFinished(() => one.end());
  const table = `changing_${crypto.randomUUID().replaceAll('-', '')}`;
  await owner.query(`create table ${table} (value int); insert into ${table} values (1);
    grant select on ${table} to typedo_app`);
  onTestFinished(async () => void (await owner.query(`drop table ${table}`)));
  const look = () =>
    one.query({ name: 'look', text: `select value from ${table}` }).then(
      ({ rows }) => rows,
      () => 'refused',
    );
  // Twice, because the first can come before it is known whether the connection is PostgreSQL's own.
  expect([await look(), await look()]).toEqual([[{ value: 1 }], [{ value: 1 }]]);
  await owner.query(`alter table ${table} alter value type text`);
  await look();
  expect(await look()).toEqual([{ value: '1' }]);
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

test('a connection that PostgreSQL cuts in the middle of a statement fails all on it, and is replaced', async () => {
  const sleeping = as(user, () =>
    pool.query({ text: 'select pg_sleep(60)', rowMode: 'array' }),
  ).catch(String);
  const behind = as(user, () => pool.query(whoAmI)).catch(String);
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
  // PgBouncer has its own words for it, as it has for all that comes after the first.
  expect(await behind).toMatch(/terminat|crashed/);
  await administrator.end();
  const { rows } = await as(user, () => pool.query(whoAmI));
  expect(rows).toHaveLength(1);
});

test('what is still said on a connection that was given up does not end the process', async () => {
  const fresh = new ScopedPool({ connectionString: inject('database').url }, () => user);
  onTestFinished(() => fresh.end());
  const { promise: released, resolve } = Promise.withResolvers<pg.PoolClient>();
  fresh.asPgPool.once('release', (_error, client) => resolve(client));
  const connection = await fresh.connect();
  connection.release(true);
  // As PgBouncer does once the connection behind it is cut.
  (await released).emit('error', new Error('server conn crashed?'));
  expect((await fresh.query(whoAmI)).rows).toHaveLength(1);
});

test('a connection that is lost while it is handed over does not end the process', async () => {
  const fresh = new ScopedPool({ connectionString: inject('database').url }, () => user);
  onTestFinished(() => fresh.end());
  // As when PostgreSQL's last word comes together with its first.
  fresh.asPgPool.once('acquire', (client) => {
    process.nextTick(() => client.emit('error', new Error('cut')));
  });
  const { rows } = await fresh.query(whoAmI);
  expect(rows).toHaveLength(1);
});

test('a connection that was released is nobody’s to use, or to release again', async () => {
  const pid = { text: 'select pg_backend_pid()', rowMode: 'array' } as const;
  const first = await as(user, () => pool.connect());
  first.release();
  const second = await as(user, () => pool.connect());
  first.release();
  const third = await as(user, () => pool.connect());
  // Behind a pooler, a connection of its own is only sure within a transaction.
  const begin = { text: 'BEGIN', rowMode: 'array' as const };
  await Promise.all([second.query(begin), third.query(begin)]);
  const pids = await Promise.all([second.query(pid), third.query(pid)]);
  await Promise.all(
    [second, third].map((one) => one.query({ text: 'ROLLBACK', rowMode: 'array' })),
  );
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
