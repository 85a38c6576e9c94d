import { z } from 'zod';
import type { ErrorData } from './errors.ts';
import { limits } from './limits.ts';
import { type List, listSchema } from './lists.ts';
import { limitSchema } from './pages.ts';
import type { Schema } from './schema.ts';
import { type Task, taskSchema } from './tasks.ts';

/** What a call has one effect by, however often it is sent within a day. */
export const idempotencyKeySchema: Schema<string> = z
  .string()
  .regex(/^[\w.:-]{1,100}$/, 'Must be 1 to 100 letters, digits, or any of "_", ".", ":" and "-".')
  .describe('Made anew for each call that is meant to happen, such as a UUID.')
  .meta({ maxLength: 100, examples: ['0199c2d4-7a10-7cc3-98c4-dc0c0c07398f'] });

/**
 * How far a copy of the user's data has come, as `sync.pull` gave it: a revision, or a place on the
 * way to one. Callers keep it and send it back.
 */
export type Position = string;

/** What is gone for good. */
export interface Tombstone {
  noun: 'lists' | 'tasks';
  id: string;
}

/** What a copy lacks: put what is in it in place of what has its id, and take out what is deleted. */
export interface SyncPage {
  lists: List[];
  /** Those in the trash, too. */
  tasks: Task[];
  deleted: Tombstone[];
  /** Where the copy is with this page. */
  position: Position;
  /** Whether there is more by now. */
  hasMore: boolean;
}

const positionSchema: Schema<Position> = z
  .string()
  .regex(
    /^(\d{1,15}(\.\d{1,9})?|\d{1,15}\.(lists|tasks)\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/,
    'Is not a position that sync.pull gave.',
  )
  .describe('How far a copy has come. Keep it as it is and send it back.')
  .meta({ maxLength: 60, examples: ['42'] });

export const syncPageSchema: Schema<SyncPage> = z
  .object({
    lists: z.array(listSchema).meta({ maxItems: limits.syncPageSize }),
    tasks: z.array(taskSchema).meta({ maxItems: limits.syncPageSize }),
    deleted: z
      .array(z.object({ noun: z.enum(['lists', 'tasks']), id: z.uuid().meta({ maxLength: 36 }) }))
      .describe('What is gone for good.')
      .meta({ maxItems: limits.syncPageSize }),
    position: positionSchema,
    hasMore: z.boolean().describe('Whether there is more by now.'),
  })
  .meta({ title: 'SyncPage', description: 'What a copy of the user’s data lacks.' });

/** From where on, and how much at once. */
export interface PullInput {
  /** `position` of the page before; everything from the start when absent. */
  since?: Position | undefined;
  /** How many rows at most; 500 when absent. */
  limit?: number | undefined;
}
export const pullInput: Schema<PullInput | undefined> = z
  .strictObject({
    since: positionSchema.optional(),
    limit: limitSchema(limits.syncPageSize, limits.syncPageSize, 'rows'),
  })
  .optional();

/** Where everything is that was read before now. */
export interface SyncPosition {
  position: Position;
}
export const syncPositionSchema: Schema<SyncPosition> = z
  .object({ position: positionSchema })
  .meta({ title: 'SyncPosition', description: 'Where the user’s data are now.' });

/** From where on a stream is followed. */
export interface ChangesInput {
  /** `position` of what the caller has; what is changed from now on when absent. */
  since?: Position | undefined;
  /** The id of the last event, which clients send by themselves when a stream was cut. */
  lastEventId?: Position | null | undefined;
}
export const changesInput: Schema<ChangesInput | undefined> = z
  .strictObject({ since: positionSchema.optional(), lastEventId: positionSchema.nullish() })
  .optional();

/** A mutation as data. */
export interface SyncCommand {
  /** Such as `tasks.create`. */
  path: string;
  input: unknown;
  key: string;
}
/** Up to 100 commands, in the order in which they are to be run. */
export interface PushInput {
  commands: SyncCommand[];
}
export const pushInput: Schema<PushInput> = z.strictObject({
  commands: z
    .array(
      z.strictObject({
        path: z
          .string()
          .regex(
            /^[a-zA-Z]{1,50}\.[a-zA-Z]{1,50}$/,
            'Must be a noun and a verb with a dot between.',
          )
          .describe('A mutation.')
          .meta({ maxLength: 101, examples: ['tasks.complete'] }),
        input: z
          .unknown()
          .describe('Its input.')
          .meta({ examples: [{ id: '0199c2d4-7a10-7cc3-98c4-dc0c0c07398f' }] }),
        key: idempotencyKeySchema,
      }),
    )
    .min(1, 'Must hold a command.')
    .max(limits.pushedCommands, `Must hold at most ${limits.pushedCommands} commands.`),
});

/** What became of one command: what its procedure answered, or how it refused. */
export interface SyncResult {
  key: string;
  answer?: unknown;
  error?: (ErrorData & { message: string }) | undefined;
}
export interface PushOutput {
  /**
   * Of the commands in their order. Fewer than there were after an error that may be over later:
   * those behind it were not tried, because they could depend on it.
   */
  results: SyncResult[];
}
export const pushOutput: Schema<PushOutput> = z
  .object({
    results: z
      .array(
        z.object({
          key: idempotencyKeySchema,
          answer: z.unknown().optional().describe('What the procedure answered.'),
          error: z
            .custom<ErrorData & { message: string }>()
            .optional()
            .describe('How it refused: what its error tells by itself.')
            .meta({ type: 'object' }),
        }),
      )
      .describe(
        'Of the commands in their order; those behind an error that may be over later were not tried.',
      )
      .meta({ maxItems: limits.pushedCommands }),
  })
  .meta({ title: 'PushOutput', description: 'What became of each command.' });
