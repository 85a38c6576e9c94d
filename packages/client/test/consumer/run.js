// Run by plain Node in a project that has nothing but the packed client; prints what it saw.
import { createClient, isTypedoError, signOut, signUp } from '@typedo/client';

const url = process.argv[2];
const session = await signUp(url, {
  name: 'Ada',
  email: `${crypto.randomUUID()}@example.com`,
  password: 'correct horse',
});
const typedo = createClient({ url, auth: session });

const [me, task] = await Promise.all([
  typedo.account.me.query(),
  typedo.tasks.create.mutate({ title: 'Buy milk', due: { kind: 'date', date: '2026-12-24' } }),
]);
const { items } = await typedo.tasks.list.query({});
const refused = await typedo.tasks.get.query({ id: me.id }).catch((error) => error);
await signOut(url, session);

console.log(
  JSON.stringify({
    isDate: task.createdAt instanceof Date && me.createdAt instanceof Date,
    titles: items.map(({ title }) => title),
    code: isTypedoError(refused, 'TASK_NOT_FOUND') ? refused.data.code : String(refused),
  }),
);
