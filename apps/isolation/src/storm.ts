import { manifest } from '@typedo/api';
import { trpcBatch } from '../../server/test/requests.ts';
import { type Answer, answerOf, rest, single } from './faces.ts';
import {
  createRandom,
  Markers,
  type Random,
  writtenOut,
} from '../../../scripts/testing/markers.ts';
import { type Finding, isNew, mustExist } from './matrix.ts';
import { type Case, casesOf, inputOf } from './parameters.ts';
import { mixedRows } from './rows.ts';
import { furnish } from './users.ts';
import { type CallAs, callerOf, newUser, type User } from '../../../scripts/testing/users.ts';
import {
  connect,
  ownConnection,
  startWorld,
  type WorldOptions,
} from '../../../scripts/testing/world.ts';

export interface StormOptions extends Omit<WorldOptions, 'onLog'> {
  seed: number;
  calls: number;
  users: number;
  /** After how many calls connections to PostgreSQL are cut, and owners' locks held. */
  cutEvery: number;
  lockEvery: number;
}

export interface StormResult {
  findings: Finding[];
  calls: number;
  /** Pairs of users who ask for the same thing at the same moment. */
  pairs: number;
  /** Answers that the service or its database was out of reach, as the cuts and locks make it. */
  unavailable: number;
  connectionsCut: number;
  transactionsTimedOut: number;
}

const concurrency = 64;
const inBatch = 8;
const lockedAtOnce = 3;
// What changes the whole account would leave the storm without its users.
const cases = casesOf(manifest).filter(
  ({ procedure: { kind, path }, parameter }) =>
    kind === 'query' || parameter || path.endsWith('.create'),
);
const queries = cases.filter(({ procedure }) => procedure.kind === 'query');
const mutations = cases.filter(({ procedure }) => procedure.kind === 'mutation');
/** Those that name a thing that is there, or that are about one. */
const naming = cases.filter((one) => one.parameter?.kind === 'id' && !isNew(one));

const cut = `select count(pg_terminate_backend(pid))::int as cut from (
  select pid from pg_stat_activity where datname = current_database() and usename = session_user
    and application_name <> '${ownConnection}' order by state = 'active' desc, md5(pid::text || $1) limit 2
) as chosen`;

/** Mixed calls of many users at once, while connections are cut and transactions time out. */
export async function runStorm(options: StormOptions): Promise<StormResult> {
  const { seed, cutEvery, lockEvery } = options;
  const markers = new Markers();
  const result: StormResult = {
    findings: [],
    calls: 0,
    pairs: 0,
    unavailable: 0,
    connectionsCut: 0,
    transactionsTimedOut: 0,
  };
  const found = (kind: Finding['kind'], text: string): void => {
    result.findings.push({ kind, text });
  };
  const onLog = (line: string): void => {
    for (const text of markers.inLog(line)) found('leak', text);
    // The log is JSON: this is what ends a process.
    if (/^\S*error: /i.test(line)) found('failure', line);
  };
  await using world = await startWorld({ ...options, onLog });
  const call = callerOf(world.url, manifest);
  const users = await enlist(options, world.url, markers, call);
  const locked = new Set<User>();
  await using ends = new AsyncDisposableStack();
  const login = await connect(world.database.url, 'none');
  ends.defer(() => login.end());
  const locker = await connect(world.database.url, 'none');
  ends.defer(() => locker.end());

  const search = (who: User, what: string, { text, isBroken }: Answer, asked = ''): void => {
    const readable = asked === '' ? writtenOut(text) : writtenOut(text).replaceAll(asked, '');
    const others = markers.others(readable, who.name);
    if (others.length > 0) found('leak', `${what}: ${who.name} got what is of ${others.join()}`);
    if (text.includes('"INTERNAL"')) found('failure', `${what}: ${text.slice(-600)}`);
    else if (isBroken) result.unavailable += 1;
  };
  /** What was made by it is the user's from now on. */
  const keep = (who: User, { text, isRefused }: Answer): void => {
    if (isRefused) return;
    for (const [made] of text.matchAll(
      /typedo_[0-9a-f]{40}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g,
    )) {
      markers.add(who.name, made);
    }
  };
  const fill = (who: User, one: Case, random: Random, value?: string): unknown => {
    const ownId = (noun: string): string => random.pick(who.own.get(noun) ?? []);
    const { parameter } = one;
    const isCursor = parameter?.kind === 'cursor';
    const id = value ?? (parameter && !isCursor ? ownId(parameter.noun) : undefined);
    const given = parameter?.kind === 'position' ? `0.${parameter.noun}.${id}` : id;
    const whole = isCursor ? { ...one, parameter: undefined } : one;
    return inputOf(whole, { marker: who.marker, ownId }, given);
  };

  const pair = async (who: User, other: User, random: Random): Promise<number> => {
    const one = random.pick(naming);
    const id = random.pick(who.own.get(one.parameter?.noun ?? '') ?? []);
    const { procedure } = one;
    const [own, foreign] = await Promise.all(
      [who, other].map((user) =>
        single(world.url, user, { procedure, input: fill(user, one, random, id) }),
      ),
    );
    if (!own || !foreign) throw new Error(`${procedure.path} cannot be said.`);
    search(who, `${procedure.path} with an own id`, own);
    search(other, `${procedure.path} with another's id`, foreign, id);
    if (mustExist(one) && !foreign.isRefused)
      found('acceptance', `${procedure.path}: ${id} was taken`);
    result.pairs += 1;
    return 2;
  };
  const many = async (who: User, random: Random): Promise<number> => {
    const from = random.below(2) ? queries : mutations;
    const calls = Array.from({ length: inBatch }, () => {
      const one = random.pick(from);
      return { procedure: one.procedure, input: fill(who, one, random) };
    });
    const answer = await answerOf(world.url, who, trpcBatch(calls));
    search(who, 'a batch', answer);
    return inBatch;
  };
  const alone = async (who: User, random: Random): Promise<number> => {
    const one = random.pick(cases);
    const face = random.below(4) === 0 ? rest : single;
    const input = fill(who, one, random);
    const answer = await face(world.url, who, { procedure: one.procedure, input });
    if (!answer) throw new Error(`${one.procedure.path} cannot be said.`);
    search(who, one.procedure.path, answer);
    if (one.procedure.path.endsWith('.create')) keep(who, answer);
    return 1;
  };
  /** What the nth step does depends on the seed, and on who is locked when its turn comes. */
  const step = async (n: number): Promise<number> => {
    const random = createRandom(seed * 1_000_003 + n);
    const free = users.filter((user) => !locked.has(user));
    const [who, other] = [random.pick(free), random.pick(free)];
    const kind = random.below(10);
    if (kind < 2 && who !== other) return pair(who, other, random);
    return kind < 3 ? many(who, random) : alone(who, random);
  };

  const cutConnections = async (n: number): Promise<void> => {
    const { rows } = await login.query<{ cut: number }>(cut, [String(seed + n)]);
    result.connectionsCut += rows[0]?.cut ?? 0;
  };
  /** Holds the locks of some owners for longer than a transaction of theirs may take. */
  const lockOwners = async (n: number): Promise<void> => {
    const chosen = users.slice((n * lockedAtOnce) % users.length).slice(0, lockedAtOnce);
    for (const user of chosen) locked.add(user);
    await locker.query('begin');
    for (const { ownerId } of chosen) {
      await locker.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [ownerId]);
    }
    const input = { name: 'in vain', scopes: ['tasks:read'], expiresAt: null };
    const [create] = manifest.procedures.filter(({ path }) => path === 'tokens.create');
    if (!create) throw new Error('There is no tokens.create.');
    for (const answer of await Promise.all(
      chosen.map((user) => single(world.url, user, { procedure: create, input })),
    )) {
      if (answer?.text.includes('"UNAVAILABLE"')) result.transactionsTimedOut += 1;
      else found('failure', `A locked owner's transaction was answered: ${answer?.text}`);
    }
    await locker.query('commit');
    locked.clear();
  };

  let begun = 0;
  let [nextCut, nextLock] = [cutEvery, lockEvery];
  const work = async (): Promise<void> => {
    while (result.calls < options.calls && !world.ending()) {
      begun += 1;
      const made = await step(begun);
      result.calls += made;
      if (result.calls >= nextCut) {
        nextCut += cutEvery;
        await cutConnections(nextCut);
      }
      if (result.calls >= nextLock && locked.size === 0) {
        nextLock += lockEvery;
        await lockOwners(nextLock / lockEvery);
      }
    }
  };
  const storm = async (): Promise<void> => {
    await Promise.all(Array.from({ length: concurrency }, work));
    // It still serves, each their own.
    for (const user of users) {
      const { email } = await call(user, 'account.me');
      if (email !== `${user.marker}@example.com`)
        found('leak', `${user.name} is taken for ${String(email)}`);
    }
  };
  // What does not answer any more has nothing more to tell.
  await storm().catch((error: unknown) => found('failure', String(error)));
  for (const text of await mixedRows(world.operator, users, markers)) found('leak', text);
  const ending = world.ending();
  if (ending) found('failure', ending);
  return result;
}

const enlist = async (
  { seed, users }: StormOptions,
  url: string,
  markers: Markers,
  call: CallAs,
): Promise<User[]> => {
  const random = createRandom(seed);
  return Promise.all(
    Array.from({ length: users }, async (_, index) => {
      const user = await newUser(url, `user ${index}`, { markers, random, call });
      await furnish(user, { call, markers, base: 0 });
      return user;
    }),
  );
};
