/** How far a copy has come: after an entry of the log, or after a row on the way through all. */
export type Place =
  | { revision: number; position: number }
  | { revision: number; noun: 'lists' | 'tasks'; id: string };

/** After every entry of a revision: positions are integers of PostgreSQL. */
const wholeRevision = 2 ** 31 - 1;

/** The place that a position names, whose form the contract has judged. */
export function toPlace(since: string): Place {
  const [revision = '', next, id] = since.split('.');
  if (next === 'lists' || next === 'tasks') {
    return { revision: Number(revision), noun: next, id: id ?? '' };
  }
  const position = next === undefined ? wholeRevision : Math.min(Number(next), wholeRevision);
  return { revision: Number(revision), position };
}

export function toPosition(place: Place): string {
  if ('noun' in place) return `${place.revision}.${place.noun}.${place.id}`;
  const { revision, position } = place;
  return position === wholeRevision ? `${revision}` : `${revision}.${position}`;
}

/** After everything of a revision. */
export const after = (revision: bigint | number): { revision: number; position: number } => ({
  revision: Number(revision),
  position: wholeRevision,
});
