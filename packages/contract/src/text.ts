import { z } from 'zod';

/**
 * Text that PostgreSQL can store: U+0000 cannot be, and a lone surrogate has no UTF-8 form, so what
 * came back would differ from what was sent.
 */
const storable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();
const unstorable = 'Must be well-formed Unicode without U+0000.';

/** One line or more of text, kept as it is. */
export const longText = (maxLength: number) =>
  z
    .string()
    .max(maxLength, `Must be at most ${maxLength} characters.`)
    .refine(storable, unstorable);

/** A name or title: trimmed, and not empty after that. */
export const shortText = (maxLength: number) =>
  z
    .string()
    .trim()
    .min(1, 'Must not be empty.')
    .max(maxLength, `Must be at most ${maxLength} characters.`)
    .refine(storable, unstorable);
