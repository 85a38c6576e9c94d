import type { ErrorCode } from './errors.ts';

/** A JSON Schema of draft 2020-12, as far as faces read it. */
export interface JsonSchema {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  format?: string;
  title?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  additionalProperties?: boolean | JsonSchema;
  [keyword: string]: unknown;
}

/** A procedure as data. */
export interface ManifestProcedure {
  /** Noun and verb, such as `tasks.create`. */
  path: string;
  kind: 'query' | 'mutation' | 'subscription';
  /** Who may call it, see {@link Access}. */
  access: Access;
  /** The scope that personal tokens need for it; null where none will do. */
  scope: string | null;
  /** What it does, in a sentence: the documentation of every face. */
  summary: string;
  /** Every error that it can answer with, the common ones included. */
  errors: ErrorCode[];
  /** How many calls it counts as where calls are limited. */
  weight: number;
  /** Method and path on REST where the convention gives no good one, such as `GET /account`. */
  rest?: string | undefined;
  input: JsonSchema;
  /** Of a subscription, that of each event. */
  output: JsonSchema;
}

/**
 * Who may call a procedure, for their own data: `user` is anyone with an access token, whose scopes,
 * if it has any, name the procedure's noun; `session` leaves out personal tokens.
 */
export type Access = 'user' | 'session';

/** The whole router as data: what every face but tRPC's own is made from. */
export interface Manifest {
  /** Version of the service's wire, which grows when a change could break a caller. */
  version: number;
  procedures: ManifestProcedure[];
}
