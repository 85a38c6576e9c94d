/** How much a task can matter, from least to most. Apart from schemas, for faces that need no zod. */
export const priorities = ['none', 'low', 'medium', 'high'] as const;
export type Priority = (typeof priorities)[number];
