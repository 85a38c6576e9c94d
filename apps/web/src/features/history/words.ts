import type { Change, FieldValue } from '@typedo/client';
import { timeIn } from '../tasks/days.ts';
import { isName } from './queries.ts';

/** A change, with how what it happened to was called then. */
export interface NamedChange extends Change {
  name: string | undefined;
  /** It was made of what had been deleted. */
  isBack: boolean;
}

/** What was changed together. */
export interface Revision {
  changes: [NamedChange, ...NamedChange[]];
  /** How many more changes it has than were asked for so far. */
  missing: number;
}

/** Names by id. */
type Names = Map<string, string>;

/**
 * The log by revision, latest first: lists before tasks in each.
 *
 * @param today How lists and tasks are called today, as far as that is known.
 */
export function toRevisions(changes: Change[], today: Names): Revision[] {
  // Back in time from what it is called today, and forth from what it was called first.
  const later = new Map(today);
  const names = changes.map(({ id, fields }) => {
    const naming = fields.find(isName);
    if (!naming) return later.get(id);
    if (naming.before !== null) later.set(id, String(naming.before));
    return String(naming.after ?? naming.before);
  });
  const earlier: Names = new Map();
  const seen = new Set<string>();
  const named: NamedChange[] = changes
    .map((change, index) => ({ change, name: names[index] }))
    .toReversed()
    .map(({ change, name = earlier.get(change.id) }) => {
      if (name !== undefined) earlier.set(change.id, name);
      const isBack = change.operation === 'create' && seen.has(change.id);
      seen.add(change.id);
      return { ...change, name, isBack };
    })
    .toReversed();
  return [...Map.groupBy(named, ({ revision }) => revision).values()].flatMap((group) => {
    const [first, ...others] = group.toSorted((a, b) => a.noun.localeCompare(b.noun));
    if (!first) return [];
    const count = Math.max(...group.map(({ position }) => position));
    return [{ changes: [first, ...others], missing: count - group.length }];
  });
}

/** Each list's name as it is, or as it last was. */
export function listNames(changes: Change[], today: Names): Names {
  const named = changes.flatMap(({ noun, id, fields }): [string, string][] => {
    const naming = noun === 'lists' ? fields.find(isName) : undefined;
    return naming ? [[id, String(naming.after ?? naming.before)]] : [];
  });
  // The latest comes first, and the last to be set stays.
  return new Map([...named.toReversed(), ...today]);
}

export const labels: Record<string, string> = {
  title: 'title',
  name: 'name',
  notes: 'notes',
  priority: 'priority',
  due: 'due date',
  listId: 'list',
  order: 'order',
  color: 'colour',
  archived: 'archived',
  completedAt: 'completed',
  deletedAt: 'in the trash',
};

/** By its name, as it stands in a sentence. */
export const nameInWords = ({ noun, name }: NamedChange): string => {
  if (noun === 'lists') return name === undefined ? 'a list' : `list ${name}`;
  return name === undefined ? 'a task' : `“${name}”`;
};

/** What was done, to what, and where it went. */
type Saying = [did: string, what: string, where?: string];

function say(change: NamedChange, lists: Names): Saying {
  const { noun, operation, fields, isBack } = change;
  const what = nameInWords(change);
  const field = (name: string) => fields.find((one) => one.field === name);
  if (operation === 'create') return [isBack ? 'Brought back' : 'Made', what];
  if (operation === 'delete') return ['Deleted', what, noun === 'tasks' ? ' for good' : ''];
  const trashed = field('deletedAt');
  if (trashed) return trashed.after ? ['Moved', what, ' to the trash'] : ['Restored', what];
  const completed = field('completedAt');
  if (completed) return completed.after ? ['Completed', what] : ['Opened', what, ' again'];
  const archived = field('archived');
  if (archived) return [archived.after ? 'Archived' : 'Brought back', what];
  const list = field('listId');
  if (list) return ['Moved', what, ` to ${listInWords(list.after, lists)}`];
  const naming = fields.find(isName);
  if (naming && fields.length === 1) {
    const { before, after } = naming;
    return noun === 'lists'
      ? ['Renamed list', `${before} to ${after}`]
      : ['Renamed', `“${before}” to “${after}”`];
  }
  const changed = fields.map((one) => labels[one.field] ?? one.field);
  return [`Changed the ${inSeries(changed, ' and ')} of`, what];
}

/** What a revision did, in one sentence without its full stop. */
export function revisionInWords({ changes, missing }: Revision, lists: Names): string {
  const hasLostList = changes.some((one) => one.noun === 'lists' && one.operation === 'delete');
  // Those in the trash leave a deleted list too, which nobody sees.
  const seen = changes.filter(
    ({ fields }) => !(hasLostList && fields.length === 1 && fields[0]?.field === 'listId'),
  );
  const alike = Map.groupBy(seen, (change) => {
    const [did, , where] = say(change, lists);
    return [change.noun, did, where].join();
  });
  const parts = [...alike.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const [did, what, where = ''] = say(first, lists);
    if (others.length === 0) return [`${did} ${what}${where}`];
    // A verb may have the noun with it already.
    return [`${did.replace(/ list$/, '')} ${others.length + 1} ${first.noun}${where}`];
  });
  if (missing > 0) parts.push(missing === 1 ? 'made one more change' : `${missing} more changes`);
  const lower = (part: string) => part.charAt(0).toLowerCase() + part.slice(1);
  return inSeries(
    parts.map((part, index) => (index === 0 ? part : lower(part))),
    ', and ',
  );
}

const inSeries = (parts: string[], and: string): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')}${and}${parts.at(-1)}`;

const listInWords = (id: FieldValue | undefined, lists: Names): string =>
  id ? (lists.get(String(id)) ?? 'a list that is gone') : 'the Inbox';

/** What a field had or has. */
export function valueInWords(
  field: string,
  value: FieldValue,
  lists: Names,
  timeZone: string | undefined,
): string {
  if (field === 'listId') return listInWords(value, lists);
  const isTime = field.endsWith('At');
  if (value === null || value === '') return isTime ? 'no' : 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return isTime ? timeIn(timeZone, new Date(value)).slice(0, 16) : value;
}

/** How long ago, or the time of day when it was not today. */
export function whenInWords(at: Date, now: Date, timeZone: string | undefined): string {
  const minutes = Math.floor((now.getTime() - at.getTime()) / 60_000);
  if (minutes < 1) return 'Just now';
  if (minutes < 60) return `${minutes} min ago`;
  const [day, clock = ''] = timeIn(timeZone, at).split(' ');
  if (timeIn(timeZone, now).startsWith(day ?? '')) return `${Math.floor(minutes / 60)} h ago`;
  return clock.slice(0, 5);
}

/** What made a change, by the names of what acts for the user now. */
export function actorInWords({ actor, face }: Change, actors: Record<string, string>): string {
  const kind = actor.split(':')[0];
  const unknown =
    { session: 'Another session', token: 'A revoked token' }[kind ?? ''] ?? 'Another program';
  return `${actors[actor] ?? unknown}${face === 'rest' ? ', over REST' : ''}`;
}
