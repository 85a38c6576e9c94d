import { z } from 'zod';
import type { Schema } from './schema.ts';

/** What a personal token can be allowed: to read, or to read and write, what belongs to a noun. */
export const scopes = [
  'account:read',
  'history:read',
  'history:write',
  'lists:read',
  'lists:write',
  'sync:read',
  'sync:write',
  'tasks:read',
  'tasks:write',
] as const;
export type Scope = (typeof scopes)[number];

export const scopeSchema: Schema<Scope> = z
  .enum(scopes, `Must be one of ${scopes.join(', ')}.`)
  .describe('What it allows: to read what belongs to a noun, or to read and write it.');

/** The scope that a procedure asks for: `tasks:read` of `tasks.list`, `tasks:write` of `tasks.move`. */
export const scopeOf = ({ path, kind }: { path: string; kind: string }): string =>
  `${path.split('.', 1)[0]}:${kind === 'mutation' ? 'write' : 'read'}`;

/** Whether scopes allow what asks for `needed`; who may write may read. */
export const allows = (granted: readonly string[], needed: string): boolean =>
  granted.includes(needed) || granted.includes(needed.replace(/:read$/, ':write'));
