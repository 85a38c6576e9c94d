import { manifest } from '@typedo/api';
import { type Answer, answerOf, batch, type Face, push, rest, single } from './faces.ts';
import { createRandom, Markers, twinOf, writtenOut } from '../../../scripts/testing/markers.ts';
import { type Case, casesOf, inputOf } from './parameters.ts';
import { changedRows, rowHashes } from './rows.ts';
import { fillingOf, furnish, idsOf } from './users.ts';
import { type CallAs, callerOf, newUser, type User } from '../../../scripts/testing/users.ts';
import { startWorld, type World, type WorldOptions } from '../../../scripts/testing/world.ts';

/**
 * What is wrong: another's data in an answer or a log, a row of the victim that changed, an id of
 * theirs that is answered otherwise than an absent one, one that is taken where none may be, or a
 * call that broke.
 */
export interface Finding {
  kind: 'leak' | 'change' | 'difference' | 'acceptance' | 'failure';
  text: string;
}

export interface MatrixResult {
  findings: Finding[];
  /** Procedures that were called, and parameters that were compared. */
  procedures: Set<string>;
  parameters: Set<string>;
  /** Foreign ids that were compared with absent ones, and those that were answered alike. */
  compared: number;
  alike: number;
  malformed: number;
  refused: number;
  /** Answers and log lines that were searched for markers. */
  searched: number;
  /** Rows that the victim has. */
  rows: number;
  changedRows: number;
}

export const httpFaces: Record<string, Face> = { tRPC: single, batch, REST: rest, push };

/**
 * Callers who have the same, and make the same calls but for the id: one that nobody has, one of the
 * victim's, one of theirs that they deleted. `malformed` sends what is no id; `shared` has the ids
 * that the victim has, too, and uses them for its own.
 */
const kinds = ['absent', 'foreign', 'deleted', 'malformed', 'shared'] as const;
type Kind = (typeof kinds)[number];
type Caller = User & { kind: Kind; known: string[] };

/** What a case names in each caller's place, of the victim's. */
interface Names {
  alive: string;
  gone: string;
}

const uuids = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const withId = (cursor: string, id: string): string =>
  Buffer.from(Buffer.from(cursor, 'base64url').toString().replaceAll(uuids, id)).toString(
    'base64url',
  );
const withTwin = (kind: string | undefined, text: string): string => {
  if (kind !== 'cursor') return text.replaceAll(uuids, twinOf);
  const id = Buffer.from(text, 'base64url').toString().match(uuids)?.[0];
  if (id === undefined) throw new Error(`There is no id in the cursor ${text}.`);
  return withId(text, twinOf(id));
};

const valuesFor = (kind: Kind, one: Case, { alive, gone }: Names): unknown[] => {
  const isCursor = one.parameter?.kind === 'cursor';
  if (kind === 'deleted') return [gone];
  if (kind === 'absent') return [withTwin(one.parameter?.kind, alive)];
  if (kind !== 'malformed') return [alive];
  return ['x', `${alive}0!`, isCursor ? 'WyJ4Il0' : alive.toUpperCase(), [alive], { not: 'x' }];
};

/** What may differ between two callers who do the same: who they are, when it is, what they asked. */
function comparable({ text }: Answer, caller: Caller, asked: string): string {
  const names: [string, string][] = [
    [asked, '<asked>'],
    [caller.ownerId, '<owner>'],
    ...caller.known.map((id, i): [string, string] => [id, `<known ${i}>`]),
    ...(caller.own.get('tokens') ?? []).map((id, i): [string, string] => [id, `<token ${i}>`]),
    ...(caller.own.get('secrets') ?? []).map((secret, i): [string, string] => [
      secret.slice(0, 13),
      `<prefix ${i}>`,
    ]),
    [caller.marker, '<me>'],
  ];
  return names
    .reduce((known, [from, to]) => known.replaceAll(from, to), writtenOut(text))
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>')
    .replaceAll(/"requestId":"[^"]+"/g, '"requestId":"<id>"');
}

/** Two texts from a little before the first character that is not the same. */
function whereTheyDiffer(...texts: [string, string]): [string, string] {
  const [a, b] = texts;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const quote = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 80), at + 80));
  return [quote(a), quote(b)];
}

/** Whether an id must be there for the call to be done; another's is refused as an absent one is. */
export const mustExist = (one: Case): boolean =>
  one.parameter?.kind === 'id' &&
  !isNew(one) &&
  (one.procedure.kind === 'mutation' || one.parameter.path.join() === 'id');
/** Whether it is an id that the caller makes up: everyone may have the same. */
export const isNew = ({ procedure, parameter }: Case): boolean =>
  procedure.path.endsWith('.create') && parameter?.path.join() === 'id';

/** A parameter by its procedure and its place there. */
export const nameOf = ({ procedure, parameter }: Case): string =>
  `${procedure.path} ${parameter?.path.join('.') ?? ''}`;

const describe = (face: string, one: Case, kind: Kind): string =>
  `${face} ${nameOf(one)} (${one.fields.join(', ')}), ${kind}`;

/** What of the victim each case names: each its own, so that no case finds what another one did. */
async function furnishVictim(victim: User, cases: Case[], call: CallAs): Promise<Map<Case, Names>> {
  const byNoun = Map.groupBy(cases, ({ parameter }) =>
    parameter?.kind === 'id' ? parameter.noun : undefined,
  );
  const names = new Map<Case, Names>();
  const things = new Map<string, Names[]>();
  for (const [index, noun] of [...byNoun.keys()]
    .filter((key) => key !== undefined)
    .sort()
    .entries()) {
    const create = cases.findLast(
      (one) => one.procedure.path === `${noun}.create` && (isNew(one) || !one.parameter),
    );
    const remove = ['delete', 'revoke'].find((verb) =>
      cases.some(({ procedure }) => procedure.path === `${noun}.${verb}`),
    );
    if (!create || !remove) throw new Error(`How ${noun} are made and deleted is not known.`);
    const ofNoun = byNoun.get(noun) ?? [];
    const make = async (position: number, id: string | undefined) => {
      const ownId = (other: string): string => {
        const others = things.get(other) ?? [];
        return others[position % others.length]?.alive ?? '';
      };
      const filled = inputOf(create, { marker: victim.marker, ownId }, undefined) as object;
      const given = create.procedure.input.properties?.id ? { ...filled, id } : filled;
      return String((await call(victim, create.procedure.path, given)).id);
    };
    const made: Names[] = [];
    const ids = idsOf(victim, 1000 * (index + 1), 2 * ofNoun.length);
    for (const [position] of ofNoun.entries()) {
      const alive = await make(position, ids[2 * position]);
      const gone = await make(position, ids[2 * position + 1]);
      await call(victim, `${noun}.${remove}`, { id: gone });
      made.push({ alive, gone });
    }
    things.set(noun, made);
    for (const [position, one] of ofNoun.entries()) {
      const thing = made[position];
      if (thing) names.set(one, thing);
    }
  }
  for (const one of cases.filter(({ parameter }) => parameter?.kind === 'cursor')) {
    const { cursor: _, ...filled } = inputOf(one, fillingOf(victim), '') as Record<string, unknown>;
    const { nextCursor } = await call(victim, one.procedure.path, { ...filled, limit: 1 });
    const noun = one.parameter?.noun ?? '';
    const gone = things.get(noun)?.[0]?.gone;
    if (typeof nextCursor !== 'string' || !gone) {
      throw new Error(`The victim has no second page of ${describe('', one, 'foreign')}.`);
    }
    names.set(one, { alive: nextCursor, gone: withId(nextCursor, gone) });
  }
  for (const one of cases.filter(({ parameter }) => parameter?.kind === 'position')) {
    const { alive, gone } = things.get(one.parameter?.noun ?? '')?.[0] ?? { alive: '', gone: '' };
    const position = (id: string): string => `0.${one.parameter?.noun}.${id}`;
    names.set(one, { alive: position(alive), gone: position(gone) });
  }
  return names;
}

/** Gives a caller what has the ids of the victim's, by the ways there are. */
async function share(
  caller: Caller,
  victim: User,
  names: Map<Case, Names>,
  world: World,
  call: CallAs,
) {
  const creates = [...names.keys()].filter(isNew);
  for (const [{ parameter }, { alive: id }] of names) {
    const create = creates.find((one) => one.parameter?.noun === parameter?.noun);
    if (parameter?.kind !== 'id' || !create) continue;
    await call(caller, create.procedure.path, inputOf(create, fillingOf(caller), id));
    caller.known.push(id);
  }
  // Ids of tokens are the service's own to make, so that two the same take an operator.
  await world.operator.query(
    `insert into personal_tokens (owner_id, id, name, prefix, hash, scopes)
      select $2, id, $3, prefix, sha256(hash), scopes from personal_tokens where owner_id = $1`,
    [caller.ownerId, victim.ownerId, `shared of ${victim.marker}`],
  );
}

/** Has the order of all that a caller has made anew, which is the one statement of our own SQL. */
async function rebalance(caller: Caller, { operator }: World, call: CallAs): Promise<void> {
  for (const [noun, path] of [
    ['lists', 'lists.update'],
    ['tasks', 'tasks.move'],
  ] as const) {
    await operator.query(`update ${noun} set order_key = 'a0' where owner_id = $1`, [
      caller.ownerId,
    ]);
    const [id, afterId] = caller.own.get(noun) ?? [];
    await call(caller, path, { id, afterId });
  }
}

/** The same call with the same key, from whoever makes it: to each it is their own. */
const createWithKey = (user: User, call: CallAs): Promise<Record<string, unknown>> => {
  const headers = { ...user.headers, 'idempotency-key': 'of-everybody' };
  return call({ ...user, headers }, 'lists.create', { name: 'of everybody' });
};

export interface MatrixOptions extends Omit<WorldOptions, 'onLog'> {
  seed: number;
  faces: Record<string, Face>;
  /** One in how many cases is tried, for faces that are slow. */
  oneIn?: number;
}

/** Makes the calls of every case by every face, and tells what came of it. */
export async function runMatrix(options: MatrixOptions): Promise<MatrixResult> {
  const { seed, faces, oneIn = 1 } = options;
  const random = createRandom(seed);
  const markers = new Markers();
  const cases = casesOf(manifest);
  const result: MatrixResult = {
    findings: [],
    procedures: new Set(),
    parameters: new Set(),
    compared: 0,
    alike: 0,
    malformed: 0,
    refused: 0,
    searched: 0,
    rows: 0,
    changedRows: 0,
  };
  const found = (kind: Finding['kind'], text: string): void => {
    result.findings.push({ kind, text });
  };
  const onLog = (line: string): void => {
    result.searched += 1;
    for (const text of markers.inLog(line)) found('leak', text);
  };
  await using world = await startWorld({ ...options, onLog });
  const call = callerOf(world.url, manifest);
  const victim = await newUser(world.url, 'the victim', { markers, random, call });
  await furnish(victim, { call, markers, base: 0 });
  const names = await furnishVictim(victim, cases, call);
  markers.add(victim.name, String((await createWithKey(victim, call)).id));

  const recruit = async (face: string, kind: Kind): Promise<Caller> => {
    const user = await newUser(world.url, `${kind} by ${face}`, { markers, random, call });
    await furnish(user, { call, markers, base: 1_000_000 });
    const caller: Caller = { ...user, kind, known: [] };
    if (kind === 'shared') await share(caller, victim, names, world, call);
    return caller;
  };
  const crews = await Promise.all(
    Object.keys(faces).map(async (face) => ({
      face,
      callers: await Promise.all(kinds.map((kind) => recruit(face, kind))),
    })),
  );
  const before = await rowHashes(world.operator, victim);

  const search = (where: string, { text }: Answer, caller: Caller, asked: string): void => {
    result.searched += 1;
    const own = [asked, ...caller.known];
    const rest = own.reduce((left, known) => left.replaceAll(known, ''), writtenOut(text));
    const others = markers.others(rest, caller.name);
    if (others.length > 0) found('leak', `${where}: the answer has something of ${others.join()}`);
  };

  const ask = async (face: string, caller: Caller, one: Case, thing: Names | undefined) => {
    const { kind } = caller;
    const answers: string[] = [];
    for (const value of thing ? valuesFor(kind, one, thing) : [undefined]) {
      const input = inputOf(one, fillingOf(caller), value);
      const answer = await faces[face]?.(world.url, caller, { procedure: one.procedure, input });
      const where = describe(face, one, kind);
      if (!answer) {
        // Of what is no id, not all can be said in an address.
        if (typeof value !== 'object') found('failure', `${where}: cannot be said`);
        continue;
      }
      const asked = typeof value === 'string' ? writtenOut(value) : (thing?.alive ?? '<none>');
      search(where, answer, caller, asked);
      if (answer.isBroken) found('failure', `${where}: ${answer.text.slice(0, 500)}`);
      if (kind === 'malformed' && thing) {
        result.malformed += 1;
        if (answer.isRefused) result.refused += 1;
        else found('acceptance', `${where}: ${JSON.stringify(value)} was taken`);
      }
      if (kind === 'foreign' || kind === 'absent' || kind === 'deleted') {
        if (mustExist(one) && !answer.isRefused) found('acceptance', `${where}: was taken`);
        if (isNew(one) && !answer.isRefused && typeof value === 'string') caller.known.push(value);
        if (isNew(one) && answer.isRefused) found('difference', `${where}: cannot be had`);
      }
      answers.push(comparable(answer, caller, asked));
    }
    return { kind, text: answers.join('\n') };
  };

  const broke = (error: unknown): void => found('failure', String(error));

  /** What is asked by none of the cases. */
  const askBeside = async (face: string, caller: Caller): Promise<void> => {
    const [secret = ''] = caller.own.get('secrets') ?? [];
    const request = { method: 'GET', path: '/api/v1/account' };
    const me = await answerOf(world.url, { ...caller, jwt: secret }, request);
    search(`${face} account.me by a personal token`, me, caller, '<none>');
    if (me.isRefused) found('failure', `A personal token is refused: ${me.text}`);
    if (caller.kind !== 'shared') return;
    const first = await createWithKey(caller, call);
    const again = JSON.stringify(await createWithKey(caller, call));
    const where = `${face} lists.create with the victim's key`;
    const answer = { text: again, isRefused: false, isBroken: false };
    search(where, answer, caller, String(first.id));
    if (again !== JSON.stringify(first)) found('difference', `${where}: ${again}`);
    await rebalance(caller, world, call);
  };

  const askAll = async (): Promise<void> => {
    for (const { face, callers } of crews) {
      for (const caller of callers) await askBeside(face, caller).catch(broke);
      for (const one of cases.filter((_, index) => index % oneIn === seed % oneIn)) {
        const thing = names.get(one);
        const texts = await Promise.all(callers.map((caller) => ask(face, caller, one, thing)));
        result.procedures.add(one.procedure.path);
        if (!thing) continue;
        result.parameters.add(nameOf(one));
        const textOf = (kind: Kind) => texts.find((answer) => answer.kind === kind)?.text;
        for (const kind of ['foreign', 'deleted'] as const) {
          result.compared += 1;
          if (textOf(kind) === textOf('absent')) result.alike += 1;
          else {
            const where = describe(face, one, kind);
            const [here, absent] = whereTheyDiffer(textOf(kind) ?? '', textOf('absent') ?? '');
            found('difference', `${where}: ${here}, and of an absent one: ${absent}`);
          }
        }
      }
    }
  };
  // What does not answer any more has nothing more to tell.
  await askAll().catch(broke);
  const after = await rowHashes(world.operator, victim);
  result.rows = before.length;
  result.changedRows = changedRows(before, after);
  if (result.changedRows > 0) found('change', `${result.changedRows} rows of the victim changed`);
  const ending = world.ending();
  if (ending) found('failure', ending);
  return result;
}
