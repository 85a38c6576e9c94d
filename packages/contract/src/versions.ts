import { z } from 'zod';

/** The version of a row. */
export const versionSchema = z
  .int32('Must be a whole number.')
  .min(1, 'Must be at least 1.')
  .describe('Grows by one with each change.');

/** What every change of a row with a version can ask for. */
export interface VersionedInput {
  /** Refuses with VERSION_CONFLICT when the row has another version by now. */
  expectedVersion?: number | undefined;
}

export const versionedInputShape = {
  expectedVersion: versionSchema
    .optional()
    .describe('The version that it must still have; any when absent.'),
};
