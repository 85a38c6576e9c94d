import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, expect, inject, test } from 'vitest';
import { createDatabase } from './database.ts';
import { createTestDatabase } from './testing/test-database.ts';

// As many as .ci/outside-postgres lets a pooler have for one database, which is no other test's.
const connections = 12;
const own = await createTestDatabase(inject('database'));
const errors: Error[] = [];
const database = createDatabase({
  url: own.url,
  maxConnections: connections,
  onError: (error) => void errors.push(error),
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

test('where a pooler’s connections are all kept busy for seconds, the database is not taken to be away', async () => {
  const users = await Promise.all(
    Array.from({ length: connections }, (_, user) =>
      database.tokens.ensureOwner({ issuer: 'watch', subject: `${user} ${crypto.randomUUID()}` }),
    ),
  );
  const over = new AbortController();
  const kept = users.map(({ id: ownerId }) =>
    database
      .forUser({ ownerId, actor: 'test', face: 'test', requestId: ownerId })
      .transaction(async (tx) => {
        let answers = 0;
        for (; !over.signal.aborted; answers += 1) await tx.task.findMany({ where: {} });
        return answers;
      }),
  );
  // Longer than it is waited for when nobody is answered.
  const looks: boolean[] = [];
  for (const until = performance.now() + 3500; performance.now() < until; await wait(100)) {
    looks.push(await database.isThere());
  }
  over.abort();
  for (const answers of await Promise.all(kept)) expect(answers).toBeGreaterThan(0);
  expect(new Set(looks)).toEqual(new Set([true]));
  expect(errors).toEqual([]);
});
