import createClient from 'openapi-fetch';
import type { paths } from './schema.ts';

/* A stranger's program, on nothing but the document. It prints what it saw, as JSON. */

const [baseUrl = '', token = ''] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${token}` } });

const created = await client.POST('/tasks', {
  body: { title: 'Pay rent', due: { kind: 'date', date: '2026-12-24' } },
});
if (!created.data) throw new Error(created.error.code);
const { id, version } = created.data;
const listed = await client.GET('/tasks', { params: { query: { completed: false, limit: 10 } } });
const patched = await client.PATCH('/tasks/{id}', {
  params: { path: { id }, header: { 'If-Match': `"${version}"` } },
  body: { priority: 'high' },
});
const stale = await client.PATCH('/tasks/{id}', {
  params: { path: { id }, header: { 'If-Match': `"${version}"` } },
  body: { priority: 'low' },
});
const deleted = await client.DELETE('/tasks/{id}', { params: { path: { id } } });
const left = await client.GET('/tasks');

// @ts-expect-error a task has no such field
void created.data.nope;
// @ts-expect-error a title is a text
void (() => client.POST('/tasks', { body: { title: 1 } }));

console.log(
  JSON.stringify({
    titles: listed.data?.items.map(({ title }) => title),
    priority: patched.data?.priority,
    stale: stale.error?.code,
    isDeleted: typeof deleted.data?.deletedAt === 'string',
    left: left.data?.items.length,
  }),
);
