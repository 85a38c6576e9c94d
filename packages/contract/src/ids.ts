import { z } from 'zod';
import type { Schema } from './schema.ts';

/** A UUIDv7 that names one kind of thing: ids of different nouns do not mix, plain strings pass. */
export type Id<Noun extends string> = string & { readonly noun?: Noun };

/** @see https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7 */
const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const uuidv7 = z
  .string()
  .regex(
    pattern,
    'Must be a UUID of version 7 in lower case, such as 0199c2d4-7a10-7cc3-98c4-dc0c0c07398f.',
  )
  .meta({ format: 'uuid' });
/** An id that the service gives: what went in was checked then, so this only documents it. */
const givenUuidv7 = z.string().meta({ format: 'uuid', pattern: pattern.source });

export type ListId = Id<'list'>;
export const listIdSchema: Schema<ListId> = uuidv7.describe('A list, by its UUIDv7.');
export const givenListId: Schema<ListId> = givenUuidv7.describe('A list, by its UUIDv7.');

export type TaskId = Id<'task'>;
export const taskIdSchema: Schema<TaskId> = uuidv7.describe('A task, by its UUIDv7.');
export const givenTaskId: Schema<TaskId> = givenUuidv7.describe('A task, by its UUIDv7.');

export type TokenId = Id<'token'>;
export const tokenIdSchema: Schema<TokenId> = uuidv7.describe('A personal token, by its UUIDv7.');

export type OwnerId = Id<'owner'>;
export const ownerIdSchema: Schema<OwnerId> = uuidv7.describe('An owner of data, by their UUIDv7.');
