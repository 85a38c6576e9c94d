import { z } from 'zod';
import { type ListId, listIdSchema } from './ids.ts';
import { limits } from './limits.ts';
import { type Page, type PageInput, pageInputShape, pageSchema } from './pages.ts';
import type { Schema } from './schema.ts';
import { shortText } from './text.ts';

/** The colours a list can have; each client shows its own shade of them. */
export const listColors = [
  'gray',
  'red',
  'orange',
  'yellow',
  'green',
  'teal',
  'blue',
  'purple',
  'pink',
] as const;
export type ListColor = (typeof listColors)[number];

/** A named list of tasks. Tasks outside any list are in the Inbox, which is `listId: null`. */
export interface List {
  id: ListId;
  name: string;
  color: ListColor;
  /** Sorts the user's lists, compared by code unit; fractional, so that moving one changes only it. */
  order: string;
  archived: boolean;
  /** Grows by one with each change of the list. */
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

const name = shortText(limits.listNameLength).describe('What the list is called.');
const color = z
  .enum(listColors, `Must be one of ${listColors.join(', ')}.`)
  .describe('The colour that clients show the list in.');
const afterId = listIdSchema
  .nullable()
  .describe('The list that this one comes right after; null puts it first.');

export const listSchema: Schema<List> = z.object({
  id: listIdSchema,
  name: z.string(),
  color,
  order: z.string(),
  archived: z.boolean(),
  version: z.int(),
  createdAt: z.date(),
  updatedAt: z.date(),
});

export interface ListListsInput extends PageInput {
  /** Only archived lists, or only the others; both when absent. */
  archived?: boolean | undefined;
}
export const listListsInput: Schema<ListListsInput | undefined> = z
  .strictObject({
    archived: z.boolean().optional().describe('Only archived lists, or only the others.'),
    ...pageInputShape,
  })
  .optional();
export type ListPage = Page<List>;
export const listPageSchema: Schema<ListPage> = pageSchema(listSchema);

export interface CreateListInput {
  /** An id of the caller's own making, so that lists can be made offline. */
  id?: ListId | undefined;
  name: string;
  /** `gray` when absent. */
  color?: ListColor | undefined;
}
export const createListInput: Schema<CreateListInput> = z.strictObject({
  id: listIdSchema.optional(),
  name,
  color: color.optional(),
});

/** A patch: what is absent stays as it is. */
export interface UpdateListInput {
  id: ListId;
  name?: string | undefined;
  color?: ListColor | undefined;
  afterId?: ListId | null | undefined;
}
export const updateListInput: Schema<UpdateListInput> = z.strictObject({
  id: listIdSchema,
  name: name.optional(),
  color: color.optional(),
  afterId: afterId.optional(),
});

export interface ArchiveListInput {
  id: ListId;
  /** false brings the list back; true when absent. */
  archived?: boolean | undefined;
}
export const archiveListInput: Schema<ArchiveListInput> = z.strictObject({
  id: listIdSchema,
  archived: z.boolean().optional().describe('false brings the list back.'),
});

export interface DeleteListInput {
  id: ListId;
}
export const deleteListInput: Schema<DeleteListInput> = z.strictObject({ id: listIdSchema });

export interface DeleteListOutput {
  id: ListId;
  /** How many tasks went to the trash with the list. */
  trashedTasks: number;
}
export const deleteListOutput: Schema<DeleteListOutput> = z.object({
  id: listIdSchema,
  trashedTasks: z.int(),
});
