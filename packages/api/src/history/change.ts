import type { Change, FieldValue } from '@typedo/contract';
import type { ChangeRow } from '@typedo/db';
import type { Sequence } from '../cursor.ts';

export const latestFirst: Sequence = {
  name: 'history',
  direction: 'desc',
  columns: [
    { field: 'revision', type: 'count' },
    { field: 'position', type: 'count' },
  ],
};

/** Every row has them, and nobody chooses them. */
const bookkeeping = new Set(['id', 'version', 'created_at', 'updated_at']);

/** Columns that the wire does not simply call the same in camel case. */
const wireNames: Record<string, string> = { order_key: 'order', due_date: 'due' };
const toWireName = (column: string): string =>
  wireNames[column] ?? column.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const operations = { insert: 'create', update: 'update', delete: 'delete' } as const;

/** An entry of the log as the wire has it. */
export function toChange(row: ChangeRow): Change {
  const before = (row.before ?? {}) as Record<string, FieldValue>;
  const after = (row.after ?? {}) as Record<string, FieldValue>;
  const columns = new Set([...Object.keys(before), ...Object.keys(after)]);
  return {
    revision: Number(row.revision),
    position: row.position,
    at: row.at,
    actor: row.actor,
    face: row.face,
    requestId: row.requestId,
    noun: row.entity,
    id: row.entityId,
    operation: operations[row.operation],
    fields: [...columns]
      .filter((column) => !bookkeeping.has(column))
      .map((column) => ({
        field: toWireName(column),
        before: before[column] ?? null,
        after: after[column] ?? null,
      })),
  };
}
