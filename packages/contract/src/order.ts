import { z } from 'zod';

/** A fractional order key, as the service gives it. */
export const orderKeySchema = z
  .string()
  .describe('Sorts its siblings, compared by code unit.')
  .meta({ maxLength: 200, pattern: '^[0-9A-Za-z]+$', examples: ['a0'] });
