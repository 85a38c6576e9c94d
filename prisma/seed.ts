import { randomBytes } from 'node:crypto';
import {
  createClient,
  type Priority,
  isTypedoError,
  SignInError,
  signUp,
} from '../packages/client/src/index.ts';

const url = process.argv[2] ?? 'http://localhost:4000';
const email = `demo-${randomBytes(3).toString('hex')}@example.com`;
const password = randomBytes(9).toString('base64url');

const inDays = (days: number): string =>
  new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);

const samples: {
  list: string;
  tasks: [title: string, priority: Priority, days: number | null][];
}[] = [
  {
    list: 'Home',
    tasks: [
      ['Pay the rent', 'high', 2],
      ['Water the plants', 'none', 0],
      ['Fix the bike', 'low', null],
    ],
  },
  {
    list: 'Work',
    tasks: [
      ['Prepare the demo', 'high', 1],
      ['Answer the survey', 'low', -3],
      ['Read about row-level security', 'medium', null],
    ],
  },
];

try {
  const client = createClient({ url, auth: await signUp(url, { name: 'Demo', email, password }) });
  await client.tasks.create.mutate({ title: 'Look around', notes: 'This is the Inbox.' });
  for (const { list, tasks } of samples) {
    const { id: listId } = await client.lists.create.mutate({ name: list });
    for (const [title, priority, days] of tasks) {
      const due = days === null ? null : ({ kind: 'date', date: inDays(days) } as const);
      await client.tasks.create.mutate({ listId, title, priority, due });
    }
  }
  console.log(`A demo user has lists and tasks now at ${url}:\n  ${email}\n  ${password}`);
} catch (error) {
  console.error(
    error instanceof SignInError || isTypedoError(error)
      ? error.message
      : `The server at ${url} cannot be reached. Start it first, in another terminal: pnpm start`,
  );
  process.exitCode = 1;
}
