import { z } from 'zod';
import { limits } from './limits.ts';
import { type Page, type PageInput, pageInputShape, pageSchema } from './pages.ts';
import type { Schema } from './schema.ts';
import { givenText } from './text.ts';

/** What a field had, or has: dates as RFC 3339 writes them; null when it was not there. */
export type FieldValue = string | boolean | null;

export interface FieldChange {
  /** As the noun's own answers call it. */
  field: string;
  before: FieldValue;
  after: FieldValue;
}

export const changeOperations = ['create', 'update', 'delete'] as const;

/** What became of one list or task. */
export interface Change {
  /** Which call it was part of: changes that were made together have one revision. */
  revision: number;
  /** Its place within the revision, from 1. */
  position: number;
  at: Date;
  /** What acted for the user: a session or personal token, by its id. */
  actor: string;
  /** Which way in it took, such as `rest`. */
  face: string;
  requestId: string;
  /** What it happened to. */
  noun: string;
  id: string;
  operation: (typeof changeOperations)[number];
  fields: FieldChange[];
}

export const revisionSchema = z
  .int('Must be a whole number.')
  .min(1, 'Must be at least 1.')
  .describe('Changes that were made together have one.')
  .meta({ examples: [7] });
const valueSchema: Schema<FieldValue> = z
  .union([givenText(limits.taskNotesLength), z.boolean(), z.null()])
  .meta({ examples: ['Pay rent'] });

export const changeSchema: Schema<Change> = z
  .object({
    revision: revisionSchema,
    position: z.int().min(1).describe('Its place within the revision.'),
    at: z.date(),
    actor: givenText(200)
      .describe('What acted for the user: a session or personal token, by its id.')
      .meta({ examples: ['session:5f0c1f3e-0b1c-4f6e-9a57-0d2f6a3f9c11'] }),
    face: givenText(20)
      .describe('Which way in it took.')
      .meta({ examples: ['rest'] }),
    requestId: givenText(100).meta({ examples: ['5f0c1f3e-0b1c-4f6e-9a57-0d2f6a3f9c11'] }),
    noun: givenText(50)
      .describe('What it happened to.')
      .meta({ examples: ['tasks'] }),
    id: z.uuid().meta({ maxLength: 36 }),
    operation: z.enum(changeOperations),
    fields: z
      .array(
        z.object({
          field: givenText(50).meta({ examples: ['title'] }),
          before: valueSchema,
          after: valueSchema,
        }),
      )
      .meta({ maxItems: 50 }),
  })
  .meta({ title: 'Change', description: 'What became of one list or task.' });

export type ChangePage = Page<Change>;
export const changePageSchema: Schema<ChangePage> = pageSchema(changeSchema, 'ChangePage');
export const listHistoryInput: Schema<PageInput | undefined> = z
  .strictObject(pageInputShape)
  .optional();

/** Which revision: the input of undoing one, and what undoing it made. */
export interface RevisionKey {
  revision: number;
}
export const revisionKeySchema: Schema<RevisionKey> = z.strictObject({ revision: revisionSchema });
