import type { Due, DueOnDate, Task } from '@typedo/contract';
import type { TaskRow } from '@typedo/db';
import { toIso } from '../iso-dates.ts';

/** A calendar date as the database has it: midnight UTC of that day. */
export const toDateColumn = (date: string): Date => new Date(`${date}T00:00:00Z`);

/** The database's column of a due; undefined, which changes nothing, where none is given. */
export const toDueColumn = (due: DueOnDate | null | undefined): Date | null | undefined =>
  due ? toDateColumn(due.date) : due;

const toDue = (dueDate: Date | null): Due | null =>
  dueDate && { kind: 'date', date: toIso(dueDate).slice(0, 10) };

/** A row of the database as the wire has it. */
export const toTask = (row: TaskRow): Task => ({
  id: row.id,
  listId: row.listId,
  title: row.title,
  notes: row.notes,
  priority: row.priority,
  due: toDue(row.dueDate),
  order: row.orderKey,
  completedAt: row.completedAt,
  deletedAt: row.deletedAt,
  version: row.version,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});
