/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify waits for what a handler promises. */
import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { verify as verifyPassword } from '@node-rs/bcrypt';
import fastify, { type FastifyRequest } from 'fastify';
import { generateKeyBetween } from 'fractional-indexing';
import { importJWK, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { toPage } from './cursor.ts';
import { env } from './env.ts';

// What one writes who wants this one service fast and nothing else: Fastify, pg, prepared statements,
// plain JSON. It has no router, no types on the wire, no policies; the owner is in each statement.

const pool = new pg.Pool({ connectionString: env.databaseUrl, max: 10, pipeline: true });
const app = fastify();

const key = await importJWK(env.publicKey, 'EdDSA');
const tokens = new LRUCache<string, string>({ max: 10_000 });
const check = { issuer: env.issuer, audience: env.issuer, algorithms: ['EdDSA'] };

/** Whose access token it is: verified once, and a look into a map from then on until its end. */
async function ownerOf({ headers }: FastifyRequest): Promise<string> {
  const token = headers.authorization?.slice('Bearer '.length) ?? '';
  const known = tokens.get(token);
  if (known) return known;
  const { sub = '', exp = 0 } = (await jwtVerify(token, key, check)).payload;
  tokens.set(token, sub, { ttl: exp * 1000 - Date.now() });
  return sub;
}

interface TaskRow {
  id: string;
  order: string;
  due: string | null;
  completedAt: Date | null;
  [column: string]: unknown;
}
const columns = `t.id, t.list_id as "listId", t.title, t.notes, t.priority, t.due_date::text as due,
  t.order_key as "order", t.completed_at as "completedAt", t.deleted_at as "deletedAt", t.version,
  t.created_at as "createdAt", t.updated_at as "updatedAt"`;
const toTask = (row: TaskRow) => ({ ...row, due: row.due && { kind: 'date', date: row.due } });

const sql = {
  list: `select ${columns} from tasks t left join lists l on l.owner_id = t.owner_id and l.id = t.list_id
    where t.owner_id = $1 and t.deleted_at is null and (t.list_id is null or not l.archived)
    order by t.order_key, t.id limit $2`,
  get: `select ${columns} from tasks t where owner_id = $1 and id = $2`,
  byIds: `select ${columns} from tasks t where owner_id = $1 and id = any ($2)`,
  listsByIds: `select id, name, color, order_key as "order", archived, version,
    created_at as "createdAt", updated_at as "updatedAt" from lists where owner_id = $1 and id = any ($2)`,
  changes: `select o.revision as head, c.* from owners o left join lateral (
      select revision, entity, entity_id from changes
      where owner_id = o.id and (revision, position) > ($2, 2147483647) order by revision, position limit 500
    ) c on true where o.id = $1`,
  takeRevision: `update owners set revision = revision + 1 where id = $1 returning revision`,
  findKey: `select fingerprint, answer from idempotency_keys where owner_id = $1 and key = $2`,
  lastKey: `select order_key as "order" from tasks where owner_id = $1 and list_id is null and deleted_at is null
    order by order_key desc, id desc limit 1`,
  insert: `insert into tasks as t (owner_id, id, title, order_key) values ($1, $2, $3, $4) returning ${columns}`,
  update: `update tasks t set title = $3, version = version + 1, updated_at = now()
    where owner_id = $1 and id = $2 and deleted_at is null returning ${columns}`,
  complete: `update tasks t set completed_at = $3, version = version + 1, updated_at = now()
    where owner_id = $1 and id = $2 and deleted_at is null returning ${columns}`,
  log: `insert into changes (owner_id, revision, position, entity, entity_id, operation, after, actor, face, request_id)
    values ($1, $2, 1, 'tasks', $3, $4, $5, 'session', 'rest', $6)`,
  keepKey: `insert into idempotency_keys (owner_id, key, fingerprint, answer) values ($1, $2, $3, $4)`,
  signIn: `select u.id, a.password from auth_users u join auth_accounts a on a.user_id = u.id where u.email = $1`,
  newSession: `insert into auth_sessions (user_id, token, expires_at) values ($1, $2, now() + interval '7 days')`,
};

const ask = async <Row extends object>(
  client: pg.Pool | pg.PoolClient,
  name: keyof typeof sql,
  values: unknown[],
): Promise<Row[]> => (await client.query<Row>({ name, text: sql[name], values })).rows;

const streams = new Map<string, Set<ServerResponse>>();
const tell = (owner: string, revision: string, task: object): void => {
  const page = { lists: [], tasks: [task], deleted: [], position: revision, hasMore: false };
  const event = `id: ${revision}\ndata: ${JSON.stringify(page)}\n\n`;
  for (const stream of streams.get(owner) ?? []) stream.write(event);
};

interface Change {
  operation: 'insert' | 'update';
  /** What is needed before; it travels with what opens the transaction. */
  look?: (client: pg.PoolClient, owner: string) => Promise<unknown>;
  write: (client: pg.PoolClient, owner: string, found: unknown) => Promise<TaskRow[]>;
}

/** A change with its revision, its entry in the log and its key: three round trips of pg's pipeline. */
async function change(request: FastifyRequest, { operation, look, write }: Change) {
  const owner = await ownerOf(request);
  const idempotencyKey = String(request.headers['idempotency-key']);
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([request.url, request.body]))
    .digest('base64url');
  const client = await pool.connect();
  try {
    const [, [taken], [kept], found] = await Promise.all([
      client.query('begin'),
      ask<{ revision: string }>(client, 'takeRevision', [owner]),
      ask<{ fingerprint: string; answer: string }>(client, 'findKey', [owner, idempotencyKey]),
      look?.(client, owner),
    ]);
    if (kept) {
      await client.query('rollback');
      if (kept.fingerprint !== fingerprint) throw new Error('The key came with another call.');
      return JSON.parse(kept.answer) as unknown;
    }
    const [row] = await write(client, owner, found);
    if (!row || !taken) throw new Error('There is no such task.');
    const task = toTask(row);
    const answer = JSON.stringify(task);
    const entry = [owner, taken.revision, row.id, operation, answer, request.id];
    await Promise.all([
      ask(client, 'log', entry),
      ask(client, 'keepKey', [owner, idempotencyKey, fingerprint, answer]),
      client.query('commit'),
    ]);
    tell(owner, taken.revision, task);
    return task;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

const text = { type: 'string', minLength: 1, maxLength: 200 };
const paged = {
  querystring: { type: 'object', properties: { limit: { type: 'integer' } }, required: ['limit'] },
};
const titled = {
  body: { type: 'object', properties: { title: text }, required: ['title'] },
};

app.get<{ Querystring: { limit: number } }>('/tasks', { schema: paged }, async (request) => {
  const owner = await ownerOf(request);
  const { limit } = request.query;
  const page = toPage(await ask<TaskRow>(pool, 'list', [owner, limit + 1]), limit);
  return { ...page, items: page.items.map(toTask) };
});

const getTask = async (owner: string, id: string) => {
  const [row] = await ask<TaskRow>(pool, 'get', [owner, id]);
  if (!row) throw new Error('There is no such task.');
  return toTask(row);
};
app.get<{ Params: { id: string } }>('/tasks/:id', async (request) =>
  getTask(await ownerOf(request), request.params.id),
);

app.get<{ Querystring: { ids: string } }>('/batch', async (request) => {
  const owner = await ownerOf(request);
  return Promise.all(request.query.ids.split(',').map((id) => getTask(owner, id)));
});

app.post<{ Body: { title: string } }>('/tasks', { schema: titled }, (request) =>
  change(request, {
    operation: 'insert',
    look: (client, owner) => ask(client, 'lastKey', [owner]),
    write: (client, owner, found) => {
      const [last] = found as { order: string }[];
      const order = generateKeyBetween(last?.order ?? null, null);
      return ask(client, 'insert', [owner, uuidv7(), request.body.title, order]);
    },
  }),
);

app.patch<{ Params: { id: string }; Body: { title: string } }>(
  '/tasks/:id',
  { schema: titled },
  (request) =>
    change(request, {
      operation: 'update',
      write: (client, owner) =>
        ask(client, 'update', [owner, request.params.id, request.body.title]),
    }),
);

for (const verb of ['complete', 'reopen']) {
  app.post<{ Params: { id: string } }>(`/tasks/:id/${verb}`, (request) =>
    change(request, {
      operation: 'update',
      write: (client, owner) => {
        const at = verb === 'complete' ? new Date() : null;
        return ask(client, 'complete', [owner, request.params.id, at]);
      },
    }),
  );
}

app.get<{ Querystring: { since: string } }>('/pull', async (request) => {
  const owner = await ownerOf(request);
  const entries = await ask<{ head: string; entity: string | null; entity_id: string }>(
    pool,
    'changes',
    [owner, request.query.since],
  );
  const idsOf = (noun: string) => [
    ...new Set(entries.filter(({ entity }) => entity === noun).map((entry) => entry.entity_id)),
  ];
  const [listIds, taskIds] = [idsOf('lists'), idsOf('tasks')];
  const [lists, tasks] = await Promise.all([
    listIds.length > 0 ? ask<TaskRow>(pool, 'listsByIds', [owner, listIds]) : [],
    taskIds.length > 0 ? ask<TaskRow>(pool, 'byIds', [owner, taskIds]) : [],
  ]);
  const present = new Set([...lists, ...tasks].map(({ id }) => id));
  const deleted = entries.filter(({ entity, entity_id: id }) => entity && !present.has(id));
  return {
    lists,
    tasks: tasks.map(toTask),
    deleted: deleted.map(({ entity, entity_id: id }) => ({ noun: entity, id })),
    position: entries[0]?.head ?? '0',
    hasMore: false,
  };
});

app.get('/changes', async (request, reply) => {
  const owner = await ownerOf(request);
  reply.hijack();
  const stream = reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
  stream.write('id: 0\ndata: {}\n\n');
  const own = streams.get(owner) ?? new Set();
  streams.set(owner, own.add(stream));
  stream.once('close', () => own.delete(stream));
});

app.post<{ Body: { email: string; password: string } }>('/sign-in', async ({ body }, reply) => {
  const [user] = await ask<{ id: string; password: string }>(pool, 'signIn', [body.email]);
  if (!user || !(await verifyPassword(body.password, user.password))) return reply.code(401).send();
  const token = randomBytes(24).toString('base64url');
  await ask(pool, 'newSession', [user.id, token]);
  return { token, user: { id: user.id, email: body.email } };
});

process.on('SIGTERM', () => process.exit());
await app.listen({ host: '127.0.0.1', port: env.port });
