import type { List } from '@typedo/contract';
import type { ListRow } from '@typedo/db';

/** A row of the database as the wire has it. */
export const toList = (row: ListRow): List => ({
  id: row.id,
  name: row.name,
  color: row.color,
  order: row.orderKey,
  archived: row.archived,
  version: row.version,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});
