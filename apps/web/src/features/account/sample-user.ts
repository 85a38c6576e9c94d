import {
  createClient,
  type CreateListInput,
  type CreateTaskInput,
  signUp,
  type TypedoClient,
} from '@typedo/client';
import { guestAddress } from '@typedo/contract';

interface SampleTask extends Omit<CreateTaskInput, 'due' | 'listId'> {
  /** Days from today. */
  dueIn?: number;
  isCompleted?: boolean;
}

const inbox: SampleTask[] = [
  { title: 'Tick the circle to complete this task', dueIn: 0, priority: 'medium' },
  { title: 'Pay the phone bill', dueIn: -2, priority: 'high' },
  { title: 'Book a table for Friday', dueIn: 1 },
];

const lists: { list: CreateListInput; tasks: SampleTask[] }[] = [
  {
    list: { name: 'Home', color: 'green' },
    tasks: [
      { title: 'Water the plants', dueIn: 0 },
      { title: 'Buy milk and bread', isCompleted: true },
    ],
  },
  {
    list: { name: 'Work', color: 'blue' },
    tasks: [
      {
        title: 'Slides for the planning meeting',
        notes: 'Three slides are enough: where we are, what comes next, what we need.',
        dueIn: 4,
        priority: 'low',
      },
      { title: 'Answer Maria about the offer' },
    ],
  },
  {
    list: { name: 'Reading', color: 'purple' },
    tasks: [{ title: 'Finish “The Left Hand of Darkness”' }],
  },
];

const randomHex = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');

/** The calendar day where the user is; Sweden writes days as ISO 8601 does. */
const dayFromToday = (days: number): string => {
  const day = new Date();
  day.setDate(day.getDate() + days);
  return day.toLocaleDateString('sv-SE');
};

/** One after another, so that they keep this order. */
async function addTasks(
  typedo: TypedoClient,
  tasks: SampleTask[],
  listId: CreateTaskInput['listId'],
): Promise<void> {
  for (const { dueIn, isCompleted, ...task } of tasks) {
    const due = dueIn === undefined ? null : { kind: 'date' as const, date: dayFromToday(dueIn) };
    const { id } = await typedo.tasks.create.mutate({ ...task, listId, due });
    if (isCompleted) await typedo.tasks.complete.mutate({ id });
  }
}

/** Signs up a user whom nobody can sign in as again, with a few lists and tasks. */
export async function makeSampleUser(url: string): Promise<void> {
  const email = guestAddress(`try-${randomHex(8)}`);
  await signUp(url, { name: 'Guest', email, password: randomHex(24) });
  const typedo = createClient({ url });
  await addTasks(typedo, inbox, null);
  for (const { list, tasks } of lists) {
    const { id } = await typedo.lists.create.mutate(list);
    await addTasks(typedo, tasks, id);
  }
}
