import { z } from 'zod';

/**
 * Text that PostgreSQL can store: U+0000 cannot be, and a lone surrogate has no UTF-8 form, so what
 * came back would differ from what was sent.
 */
const storable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();
const storablePattern = '^[^\\u0000]*$';
const unstorable = 'Must be well-formed Unicode without U+0000.';

/** One line or more of text, kept as it is. */
export const longText = (maxLength: number) =>
  z
    .string()
    .max(maxLength, `Must be at most ${maxLength} characters.`)
    .refine(storable, unstorable)
    .meta({ pattern: storablePattern });

/** A name or title: trimmed, and not empty after that. */
export const shortText = (maxLength: number) =>
  z
    .string()
    .trim()
    .min(1, 'Must not be empty.')
    .max(maxLength, `Must be at most ${maxLength} characters.`)
    .refine(storable, unstorable)
    .meta({ pattern: storablePattern });

/** Text that the service gives: what went in was checked then, so this only documents it. */
export const givenText = (maxLength: number) =>
  z.string().meta({ maxLength, pattern: storablePattern });
