import type { AnyProcedure, AnyRouter } from '@trpc/server';
import { commonErrors, type ErrorCode } from '@typedo/contract';
import { z } from 'zod';
import { appRouter } from './router.ts';
import type { ProcedureMeta } from './trpc.ts';

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** A procedure as data. */
export interface ManifestProcedure extends ProcedureMeta {
  /** Noun and verb, such as `tasks.create`. */
  path: string;
  kind: 'query' | 'mutation' | 'subscription';
  input: JsonSchema;
  output: JsonSchema;
}

/** The whole router as data: what every face but tRPC's own is made from. */
export interface Manifest {
  /** Version of the service's wire, which grows when a change could break a caller. */
  version: number;
  procedures: ManifestProcedure[];
}

const jsonSchema = (schema: unknown, path: string, side: 'input' | 'output'): JsonSchema => {
  if (!(schema instanceof z.ZodType)) throw new Error(`${path} has no ${side} schema.`);
  return z.toJSONSchema(schema, {
    io: side,
    // Dates have no JSON Schema: on wires of JSON they are instants of RFC 3339.
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: made }) => {
      if (zodSchema._zod.def.type === 'date')
        Object.assign(made, { type: 'string', format: 'date-time' });
    },
  });
};

const toProcedure = (path: string, procedure: AnyProcedure): ManifestProcedure => {
  const { type, inputs, meta, output } = procedure._def as typeof procedure._def & {
    meta?: ProcedureMeta;
    output?: unknown;
  };
  if (!meta) throw new Error(`${path} has no documentation.`);
  return {
    path,
    kind: type,
    ...meta,
    errors: [...commonErrors, ...meta.errors].toSorted() satisfies ErrorCode[],
    input: jsonSchema(inputs[0], path, 'input'),
    output: jsonSchema(output, path, 'output'),
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
