import type { AnyProcedure, AnyRouter } from '@trpc/server';
import {
  allows,
  commonErrors,
  type JsonSchema,
  type Manifest,
  type ManifestProcedure,
  keyErrors,
  scopeOf,
  scopes,
  takesKey,
} from '@typedo/contract';
import { z } from 'zod';
import { appRouter } from './router.ts';
import { itemOf } from './stream-of.ts';
import type { ProcedureMeta } from './trpc.ts';

const jsonSchema = (schema: unknown, path: string, side: 'input' | 'output'): JsonSchema => {
  if (!(schema instanceof z.ZodType)) throw new Error(`${path} has no ${side} schema.`);
  const made = z.toJSONSchema(itemOf(schema) ?? schema, {
    io: side,
    // Dates have no JSON Schema: on wires of JSON they are instants of RFC 3339.
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: made }) => {
      if (zodSchema._zod.def.type === 'date')
        Object.assign(made, { type: 'string', format: 'date-time' });
    },
  });
  // The dialect is the same for all, and no keyword of them.
  delete made.$schema;
  return made as JsonSchema;
};

const toProcedure = (path: string, procedure: AnyProcedure): ManifestProcedure => {
  const { type, inputs, meta, output } = procedure._def as typeof procedure._def & {
    meta?: ProcedureMeta;
    output?: unknown;
  };
  if (!meta) throw new Error(`${path} has no documentation.`);
  const schemas = {
    input: jsonSchema(inputs[0], path, 'input'),
    output: jsonSchema(output, path, 'output'),
  };
  const scope = meta.access === 'user' ? scopeOf({ path, kind: type }) : null;
  if (scope !== null && !allows(scopes, scope)) {
    throw new Error(`${path} asks for ${scope}, which the contract's scopes do not name.`);
  }
  return {
    path,
    kind: type,
    ...meta,
    scope,
    errors: [
      ...commonErrors,
      ...(takesKey({ path, kind: type }) ? keyErrors : []),
      ...meta.errors,
    ].toSorted(),
    ...schemas,
  };
};

/** Turns a router into data. @throws when a procedure lacks documentation or a schema */
export const createManifest = (router: AnyRouter): Manifest => ({
  version: 1,
  procedures: Object.entries<AnyProcedure>(router._def.procedures)
    .map(([path, procedure]) => toProcedure(path, procedure))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1)),
});

export const manifest: Manifest = createManifest(appRouter);
