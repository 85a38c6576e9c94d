import { z } from 'zod';
import { calendarDateSchema, type Due, dueInput, type DueOnDate, dueSchema } from './due.ts';
import {
  givenListId,
  givenTaskId,
  type ListId,
  listIdSchema,
  type TaskId,
  taskIdSchema,
} from './ids.ts';
import { limits } from './limits.ts';
import { type Page, type PageInput, pageInputShape, pageSchema } from './pages.ts';
import { priorities, type Priority } from './priorities.ts';
import type { Schema } from './schema.ts';
import { type VersionedInput, versionedInputShape, versionSchema } from './versions.ts';
import { orderKeySchema } from './order.ts';
import { givenText, longText, shortText } from './text.ts';

/** Something to do. */
export interface Task {
  id: TaskId;
  /** The list it is in; null is the Inbox. */
  listId: ListId | null;
  title: string;
  notes: string;
  priority: Priority;
  due: Due | null;
  /** Sorts the tasks of one list, compared by code unit; fractional. */
  order: string;
  /** When it was completed; null while it is open. */
  completedAt: Date | null;
  /** When it went to the trash; null outside it. */
  deletedAt: Date | null;
  /** Grows by one with each change of the task. */
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

const title = shortText(limits.taskTitleLength)
  .describe('What is to be done, in a line.')
  .meta({ examples: ['Pay rent'] });
const notes = longText(limits.taskNotesLength)
  .describe('Anything more, in plain text.')
  .meta({ examples: ['By bank transfer'] });
const priority = z
  .enum(priorities, `Must be one of ${priorities.join(', ')}.`)
  .describe('How much it matters.')
  .meta({ examples: ['high'] });
const inWhichList = 'The list it is in; null is the Inbox.';
const listId = listIdSchema.nullable().describe(inWhichList);
const due = dueInput.nullable().describe('The day it is due; null for none.');

export const taskSchema: Schema<Task> = z
  .object({
    id: givenTaskId,
    listId: givenListId.nullable().describe(inWhichList),
    title: givenText(limits.taskTitleLength).meta({ examples: ['Pay rent'] }),
    notes: givenText(limits.taskNotesLength).meta({ examples: ['By bank transfer'] }),
    priority,
    due: dueSchema.nullable(),
    order: orderKeySchema,
    completedAt: z
      .date()
      .nullable()
      .describe('When it was completed; null while it is open.')
      .meta({ examples: [null] }),
    deletedAt: z
      .date()
      .nullable()
      .describe('When it went to the trash; null outside it.')
      .meta({ examples: [null] }),
    version: versionSchema,
    createdAt: z.date(),
    updatedAt: z.date(),
  })
  .meta({ title: 'Task', description: 'Something to do.' });

/**
 * Which tasks to list. Filters narrow each other; absent ones let everything through, but the trash
 * and, unless `listId` names one, archived lists are left out.
 *
 * Pages come in the order of what is asked for: the trash and completed tasks latest first, a due
 * range by day, everything else by the user's own order.
 */
export interface ListTasksInput extends PageInput {
  /** One list, or null for the Inbox. */
  listId?: ListId | null | undefined;
  completed?: boolean | undefined;
  /** Due on this calendar date or later. */
  dueFrom?: string | undefined;
  /** Due on this calendar date or earlier. */
  dueTo?: string | undefined;
  /** The trash instead of what is outside it. */
  trashed?: boolean | undefined;
}
export const listTasksInput: Schema<ListTasksInput | undefined> = z
  .strictObject({
    listId: listIdSchema.nullable().optional().describe('One list; null is the Inbox.'),
    completed: z.boolean().optional().describe('Only completed tasks, or only open ones.'),
    dueFrom: calendarDateSchema.optional().describe('Due on this calendar date or later.'),
    dueTo: calendarDateSchema.optional().describe('Due on this calendar date or earlier.'),
    trashed: z.boolean().optional().describe('The trash instead of what is outside it.'),
    ...pageInputShape,
  })
  .optional();
export type TaskPage = Page<Task>;
export const taskPageSchema: Schema<TaskPage> = pageSchema(taskSchema, 'TaskPage');

export interface TaskIdInput {
  id: TaskId;
}
export const taskIdInput: Schema<TaskIdInput> = z.strictObject({ id: taskIdSchema });

/** A task to do something with. */
export interface ChangeTaskInput extends TaskIdInput, VersionedInput {}
export const changeTaskInput: Schema<ChangeTaskInput> = z.strictObject({
  id: taskIdSchema,
  ...versionedInputShape,
});

export interface CreateTaskInput {
  /** An id of the caller's own making, so that tasks can be made offline. */
  id?: TaskId | undefined;
  title: string;
  notes?: string | undefined;
  /** The Inbox when absent. */
  listId?: ListId | null | undefined;
  /** `none` when absent. */
  priority?: Priority | undefined;
  due?: DueOnDate | null | undefined;
}
export const createTaskInput: Schema<CreateTaskInput> = z.strictObject({
  id: taskIdSchema.optional(),
  title,
  notes: notes.optional(),
  listId: listId.optional(),
  priority: priority.optional(),
  due: due.optional(),
});

/** A patch: what is absent stays as it is, `due: null` takes the due day away. */
export interface UpdateTaskInput extends ChangeTaskInput {
  title?: string | undefined;
  notes?: string | undefined;
  priority?: Priority | undefined;
  due?: DueOnDate | null | undefined;
}
export const updateTaskInput: Schema<UpdateTaskInput> = z.strictObject({
  id: taskIdSchema,
  title: title.optional(),
  notes: notes.optional(),
  priority: priority.optional(),
  due: due.optional(),
  ...versionedInputShape,
});

export interface MoveTaskInput extends ChangeTaskInput {
  /** The list to move to, null for the Inbox; it stays where it is when absent. */
  listId?: ListId | null | undefined;
  /** The task to come right after, null for the top; the end when absent. */
  afterId?: TaskId | null | undefined;
}
export const moveTaskInput: Schema<MoveTaskInput> = z.strictObject({
  id: taskIdSchema,
  listId: listIdSchema
    .nullable()
    .optional()
    .describe('The list to move to, null for the Inbox; it stays where it is when absent.'),
  afterId: taskIdSchema
    .nullable()
    .optional()
    .describe('The task to come right after, null for the top; the end when absent.'),
  ...versionedInputShape,
});
