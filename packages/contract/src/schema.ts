import type { z } from 'zod';

/**
 * A schema of the wire: what it accepts is what it gives back, so that callers and handlers share
 * one named type and emitted declarations stay small.
 */
export type Schema<T> = z.ZodType<T, T>;
