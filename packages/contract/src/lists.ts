import { z } from 'zod';
import { givenListId, type ListId, listIdSchema } from './ids.ts';
import { limits } from './limits.ts';
import { revisionSchema } from './history.ts';
import { type Page, type PageInput, pageInputShape, pageSchema } from './pages.ts';
import type { Schema } from './schema.ts';
import { type VersionedInput, versionedInputShape, versionSchema } from './versions.ts';
import { orderKeySchema } from './order.ts';
import { givenText, shortText } from './text.ts';

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

const name = shortText(limits.listNameLength)
  .describe('What the list is called.')
  .meta({ examples: ['Home'] });
const color = z
  .enum(listColors, `Must be one of ${listColors.join(', ')}.`)
  .describe('The colour that clients show the list in.')
  .meta({ examples: ['green'] });
const afterId = listIdSchema
  .nullable()
  .describe('The list that this one comes right after; null puts it first.');

export const listSchema: Schema<List> = z
  .object({
    id: givenListId,
    name: givenText(limits.listNameLength).meta({ examples: ['Home'] }),
    color,
    order: orderKeySchema,
    archived: z.boolean().describe('Whether it and its tasks are hidden elsewhere.'),
    version: versionSchema,
    createdAt: z.date(),
    updatedAt: z.date(),
  })
  .meta({ title: 'List', description: 'A named list of tasks.' });

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
export const listPageSchema: Schema<ListPage> = pageSchema(listSchema, 'ListPage');

export interface ListIdInput {
  id: ListId;
}
export const listIdInput: Schema<ListIdInput> = z.strictObject({ id: listIdSchema });

/** A list to do something with. */
export interface ChangeListInput extends ListIdInput, VersionedInput {}
export const changeListInput: Schema<ChangeListInput> = z.strictObject({
  id: listIdSchema,
  ...versionedInputShape,
});

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
export interface UpdateListInput extends ChangeListInput {
  name?: string | undefined;
  color?: ListColor | undefined;
  afterId?: ListId | null | undefined;
}
export const updateListInput: Schema<UpdateListInput> = z.strictObject({
  id: listIdSchema,
  name: name.optional(),
  color: color.optional(),
  afterId: afterId.optional(),
  ...versionedInputShape,
});

export interface ArchiveListInput extends ChangeListInput {
  /** false brings the list back; true when absent. */
  archived?: boolean | undefined;
}
export const archiveListInput: Schema<ArchiveListInput> = z.strictObject({
  id: listIdSchema,
  archived: z.boolean().optional().describe('false brings the list back.'),
  ...versionedInputShape,
});

export interface DeleteListOutput {
  id: ListId;
  /** How many tasks went to the trash with the list. */
  trashedTasks: number;
  /** What `history.undo` takes to bring list and tasks back. */
  revision: number;
}
export const deleteListOutput: Schema<DeleteListOutput> = z.object({
  id: listIdSchema,
  trashedTasks: z.int().min(0).describe('How many tasks went to the trash with the list.'),
  revision: revisionSchema,
});
