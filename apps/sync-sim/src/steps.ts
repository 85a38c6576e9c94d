import type { SyncCommand } from '@typedo/contract';
import * as fc from 'fast-check';
import { markedId } from '../../../scripts/testing/markers.ts';
import type { Replica } from './replica.ts';
import type { Noun } from './rows.ts';

/** Every mutation that replicas make. */
export const writes = [
  'lists.create',
  'lists.update',
  'lists.archive',
  'lists.delete',
  'tasks.create',
  'tasks.update',
  'tasks.complete',
  'tasks.reopen',
  'tasks.move',
  'tasks.delete',
  'tasks.restore',
  'history.undo',
] as const;
type Write = (typeof writes)[number];
const calls = ['push', 'single', 'pull'] as const;

/**
 * What becomes of a request: it never arrives, arrives late or twice, its answer comes late or is cut
 * off, the server is killed when it has it.
 */
const faults = ['lost', 'late', 'twice', 'late answer', 'cut'] as const;
export type Fault = (typeof faults)[number] | 'none' | 'kill';

export interface Step {
  /** Which replica does it. */
  who: number;
  /** It writes a command down, asks the service, lets go of its copy, or gets what came late. */
  act: Write | (typeof calls)[number] | 'reset' | 'deliver';
  fault: Fault;
  /** What else there is to choose. */
  n: number;
  /** Of an answer that is cut off: how many bytes come through. */
  bytes: number;
}

const act: fc.Arbitrary<Step['act']> = fc.oneof(
  { weight: 45, arbitrary: fc.constantFrom(...writes) },
  { weight: 60, arbitrary: fc.constantFrom(...calls) },
  { weight: 8, arbitrary: fc.constant('deliver' as const) },
  { weight: 2, arbitrary: fc.constant('reset' as const) },
);
const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 250, arbitrary: fc.constant('none' as const) },
  { weight: 250, arbitrary: fc.constantFrom(...faults) },
  { weight: 1, arbitrary: fc.constant('kill' as const) },
);

/** Steps of `replicas` of them. */
export const stepsOf = (replicas: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      who: fc.nat(replicas - 1),
      act,
      fault,
      n: fc.nat(999),
      bytes: fc.nat(3000),
    }),
    { minLength: 1, maxLength: 60, size: 'max' },
  );

export const isWrite = (act: Step['act']): act is Write =>
  (writes as readonly string[]).includes(act);

/** What a replica knows of, be it from its own outbox alone. */
const idsOf = ({ rows, outbox }: Replica, noun: Noun): string[] => [
  ...rows[noun].keys(),
  ...outbox
    .filter(({ path }) => path === `${noun}.create`)
    .flatMap(({ input }) => (input as { id?: string }).id ?? []),
];

/** What a user has from the start, for replicas to differ about. */
export function furniture({ user: { marker } }: Replica): SyncCommand[] {
  const listId = markedId(marker, 1000);
  return [
    {
      path: 'lists.create',
      key: `list-${marker}`,
      input: { id: listId, name: `list of ${marker}` },
    },
    ...[null, listId, listId].map((listId, index) => ({
      path: 'tasks.create',
      key: `task-${index}-${marker}`,
      input: { id: markedId(marker, 1001 + index), title: `${index} of ${marker}`, listId },
    })),
  ];
}

/** The command that a step writes down; `serial` tells all of a run apart. */
export function commandOf(replica: Replica, act: Write, n: number, serial: number): SyncCommand {
  const { marker } = replica.user;
  const key = `${serial}-${marker}`;
  const text = `${serial} of ${marker}`;
  const some = (ids: string[]): string | undefined => ids[n % ids.length];
  const list = n % 3 === 0 ? null : (some(idsOf(replica, 'lists')) ?? null);
  const [noun] = act.split('.') as [Noun];
  if (act === 'history.undo') {
    const known = Number(replica.position?.split('.')[0] ?? 0);
    return { path: act, key, input: { revision: Math.max(known - (n % 4), 1) } };
  }
  const id = some(idsOf(replica, noun));
  if (act.endsWith('.create') || id === undefined) {
    // The service makes the id of some: nothing but the key tells that they are the same.
    const own = n % 2 === 0 ? { id: markedId(marker, serial) } : {};
    const input = noun === 'lists' ? { ...own, name: text } : { ...own, title: text, listId: list };
    return { path: `${noun}.create`, key, input };
  }
  const version = replica.rows[noun].get(id)?.version;
  const input = { id, ...(n % 2 === 0 && version && { expectedVersion: version }) };
  const more = {
    'lists.update': { name: text },
    'lists.archive': { archived: n % 3 > 0 },
    // Some change nothing.
    'tasks.update': n % 5 === 0 ? { priority: 'none' } : { title: text },
    'tasks.move': n % 7 === 0 ? { afterId: null } : { listId: list },
  };
  return { path: act, key, input: { ...input, ...(more as Record<string, object>)[act] } };
}
