import { type Data, password, type Person } from './data.ts';
import { ip, type RawRequest, toRequest, uuid } from './load/request.ts';
import type { ServerName } from './servers.ts';

export const caseNames = [
  'list',
  'get',
  'batch',
  'REST list',
  'REST get',
  'pull',
  'create',
  'update',
  'complete',
  'sign-in',
  'fan-out',
  'mixed',
] as const;
export type CaseName = (typeof caseNames)[number];

export const descriptions: Record<CaseName, string> = {
  list: 'a page of 20 tasks',
  get: 'one task',
  batch: '10 tasks, each asked for by itself, in one request',
  'REST list': 'the same page over REST',
  'REST get': 'the same task over REST',
  pull: 'the last 10 changes of a copy (`sync.pull`)',
  create: 'a new task, with its entry in the log and its idempotency key',
  update: 'a new title, with the same',
  complete: 'completing tasks and reopening them, in turns, with the same',
  'sign-in': 'e-mail and password (bcrypt at cost 10) for a session',
  'fan-out': 'a write that 20 streams are told of (server-sent events)',
  mixed: '40 % list, 40 % get, 10 % create, 10 % update',
};

const isWrite = (name: CaseName): boolean =>
  ['create', 'update', 'complete', 'fan-out'].includes(name);

/** What is asked for, in no face's words. */
interface Call {
  method: 'GET' | 'POST' | 'PATCH';
  path: string;
  body?: object;
}

/** A way to ask a server for the work of the cases. */
interface Face {
  list: Call;
  changes: Call;
  get(id: string): Call;
  batch(ids: string[]): Call;
  pull(since: number): Call;
  create(title: string): Call;
  update(id: string, title: string): Call;
  complete(id: string, verb: 'complete' | 'reopen'): Call;
}

const inputOf = (input: unknown): string => `input=${encodeURIComponent(JSON.stringify(input))}`;
const query = (path: string, json: unknown): Call => ({
  method: 'GET',
  path: `/api/trpc/${path}?${inputOf({ json })}`,
});
const mutation = (path: string, json: object): Call => ({
  method: 'POST',
  path: `/api/trpc/${path}`,
  body: { json },
});
const trpc: Face = {
  list: query('tasks.list', { limit: 20 }),
  changes: { method: 'GET', path: '/api/trpc/sync.changes' },
  get: (id) => query('tasks.get', { id }),
  batch: (ids) => ({
    method: 'GET',
    path: `/api/trpc/${ids.map(() => 'tasks.get').join(',')}?batch=1&${inputOf(
      Object.fromEntries(ids.map((id, n) => [n, { json: { id } }])),
    )}`,
  }),
  pull: (since) => query('sync.pull', { since: String(since) }),
  create: (title) => mutation('tasks.create', { title }),
  update: (id, title) => mutation('tasks.update', { id, title }),
  complete: (id, verb) => mutation(`tasks.${verb}`, { id }),
};
const rest = (prefix: string): Face => ({
  list: { method: 'GET', path: `${prefix}/tasks?limit=20` },
  changes: { method: 'GET', path: `${prefix}/changes` },
  get: (id) => ({ method: 'GET', path: `${prefix}/tasks/${id}` }),
  batch: (ids) => ({ method: 'GET', path: `${prefix}/batch?ids=${ids.join(',')}` }),
  pull: (since) => ({ method: 'GET', path: `${prefix}/pull?since=${since}` }),
  create: (title) => ({ method: 'POST', path: `${prefix}/tasks`, body: { title } }),
  update: (id, title) => ({ method: 'PATCH', path: `${prefix}/tasks/${id}`, body: { title } }),
  complete: (id, verb) => ({ method: 'POST', path: `${prefix}/tasks/${id}/${verb}`, body: {} }),
});

const faces: Record<ServerName, Face> = {
  limit: rest(''),
  typedo: trpc,
  tutorial: trpc,
  fastapi: rest(''),
};
const faceFor = (server: ServerName, name: CaseName): Face =>
  server === 'typedo' && name.startsWith('REST') ? rest('/api/v1') : faces[server];

const missing: Record<ServerName, readonly CaseName[]> = {
  limit: [],
  typedo: [],
  tutorial: ['REST list', 'REST get', 'pull', 'sign-in', 'fan-out'],
  fastapi: ['pull', 'sign-in', 'fan-out'],
};
export const has = (server: ServerName, name: CaseName): boolean => !missing[server].includes(name);

/** The requests of a case, which a load goes through again and again, and the streams that it opens. */
export interface Plan {
  requests: RawRequest[];
  streams: RawRequest[];
}

const tasksEach = 3;
const title = `Changed ${uuid}`;

export async function planOf(server: ServerName, name: CaseName, data: Data): Promise<Plan> {
  const face = faceFor(server, name);
  const { readers, writers } = data;
  const tokens = new Map<Person, string>();
  for (const person of [...readers, ...writers]) tokens.set(person, await data.sign(person));
  const request = (person: Person, { method, path, body }: Call): RawRequest =>
    toRequest(method, path, body, {
      authorization: `Bearer ${tokens.get(person)}`,
      ...(method !== 'GET' && { 'idempotency-key': uuid }),
    });
  const each = (people: Person[], calls: (person: Person) => Call[]): RawRequest[] =>
    people.flatMap((person) => calls(person).map((call) => request(person, call)));
  // One of each user before the next of any: consecutive calls are of different users.
  const eachTask = (people: Person[], call: (id: string) => Call): RawRequest[] =>
    Array.from({ length: tasksEach }, (_, n) =>
      each(people, ({ taskIds }) => [call(taskIds[n] ?? '')]),
    ).flat();
  const signIn = ({ email }: Person): RawRequest =>
    toRequest(
      'POST',
      server === 'typedo' ? '/api/auth/sign-in/email' : '/sign-in',
      { email, password },
      { 'x-forwarded-for': ip },
    );
  const requests: Record<CaseName, () => RawRequest[]> = {
    list: () => each(readers, () => [face.list]),
    get: () => eachTask(readers, (id) => face.get(id)),
    batch: () => each(readers, ({ taskIds }) => [face.batch(taskIds.slice(0, 10))]),
    'REST list': () => each(readers, () => [face.list]),
    'REST get': () => eachTask(readers, (id) => face.get(id)),
    pull: () => each(readers, ({ revision }) => [face.pull(revision - 10)]),
    create: () => each(writers, () => [face.create(title)]),
    update: () => eachTask(writers, (id) => face.update(id, title)),
    complete: () => [
      ...eachTask(writers, (id) => face.complete(id, 'complete')),
      ...eachTask(writers, (id) => face.complete(id, 'reopen')),
    ],
    'sign-in': () => writers.map(signIn),
    'fan-out': () => each(writers.slice(0, 10), () => [face.create(title)]),
    mixed: () => {
      const [lists, gets] = [requests.list(), requests.get()];
      const [creates, updates] = [requests.create(), requests.update()];
      const pick = (all: RawRequest[], n: number): RawRequest =>
        all[n % all.length] ?? all[0] ?? '';
      return Array.from({ length: Math.max(lists.length, 100) }, (_, n) => [
        ...[0, 1, 2, 3].flatMap((k) => [pick(lists, 4 * n + k), pick(gets, 4 * n + k)]),
        pick(creates, n),
        pick(updates, n),
      ]).flat();
    },
  };
  const streams = name === 'fan-out' ? each(writers.slice(0, 10), () => [face.changes]) : [];
  return { requests: requests[name](), streams };
}

/** Whether strings are the same moment, however precisely they are written. */
const moment = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)$/;
/** What differs between servers that did the same. */
const ofTheMoment = ['createdAt', 'updatedAt'];

/** What a server answered, so that it can be compared with what another did. */
export function answerOf(server: ServerName, name: CaseName, body: string): unknown {
  const unwrap = (answer: unknown): unknown =>
    (answer as { result: { data: { json: unknown } } }).result.data.json;
  const parsed: unknown = JSON.parse(body);
  const isTrpc = faceFor(server, name) === trpc;
  const answer = isTrpc ? (Array.isArray(parsed) ? parsed.map(unwrap) : unwrap(parsed)) : parsed;
  return JSON.parse(JSON.stringify(answer), (key, value: unknown) => {
    if (key === 'tasks' && Array.isArray(value)) {
      // The rows that a copy lacks come in no order.
      return value.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    }
    if (isWrite(name) && ofTheMoment.includes(key)) return 'now';
    if (name === 'create' && key === 'id') return 'new';
    if (name === 'complete' && key === 'completedAt') return value !== null;
    return typeof value === 'string' && moment.test(value) ? Date.parse(value) : value;
  });
}
