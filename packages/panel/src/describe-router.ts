import type { AnyRouter } from '@trpc/server';
import type { JsonSchema, ProcedureDescription, RouterDescription } from './description.ts';
import { readSchema } from './input-schema.ts';

/** What is known of a procedure before anyone describes it. */
export interface FoundProcedure {
  path: string;
  kind: ProcedureDescription['kind'];
  /** What `.meta()` holds, as it is. */
  meta: unknown;
}

/** What a procedure's host can say of it. */
export type Describe = (
  procedure: FoundProcedure,
) => Pick<ProcedureDescription, 'summary' | 'access' | 'errors' | 'cli'>;

interface ProcedureDef {
  type: ProcedureDescription['kind'];
  inputs: unknown[];
  meta?: unknown;
}

/** The words for it that routers commonly keep in `.meta()`. */
export const describeByMeta: Describe = ({ meta }) => {
  const { summary, description } = (meta ?? {}) as Record<string, unknown>;
  const text = [summary, description].find((value) => typeof value === 'string');
  return { summary: text };
};

/** Schemas as one, in which each still refers to parts of its own. */
const allOf = (schemas: JsonSchema[]): JsonSchema => {
  const definitions: JsonSchema = {};
  for (const [index, schema] of schemas.entries()) {
    const moved = JSON.stringify(schema)
      .replaceAll('"$ref":"#/definitions/', `"$ref":"#/definitions/${index}.`)
      .replaceAll('"$ref":"#"', `"$ref":"#/definitions/${index}"`);
    const { definitions: own = {}, ...whole } = JSON.parse(moved) as JsonSchema;
    definitions[index] = whole;
    for (const [name, one] of Object.entries(own as JsonSchema))
      definitions[`${index}.${name}`] = one;
  }
  return { allOf: schemas.map((_, index) => ({ $ref: `#/definitions/${index}` })), definitions };
};

/** Each of a procedure's parsers judges the whole input. */
const inputOf = async (parsers: unknown[]): Promise<JsonSchema | undefined> => {
  const schemas = await Promise.all(parsers.map((parser) => readSchema(parser)));
  if (schemas.length > 1) return allOf(schemas.map((schema) => schema ?? {}));
  return parsers.length === 0 ? undefined : (schemas[0] ?? {});
};

/** Reads a router, its lazy parts too, in the order of its paths. */
export async function describeProcedures(
  router: AnyRouter,
  describe: Describe,
): Promise<ProcedureDescription[]> {
  const { _def } = router;
  // Loading one may bring others.
  for (;;) {
    const [lazy] = Object.values(_def.lazy ?? {});
    if (!lazy) break;
    await lazy.load();
  }
  const procedures = Object.entries(_def.procedures as Record<string, { _def: ProcedureDef }>);
  const described = procedures.map(async ([path, { _def: found }]) => ({
    path,
    kind: found.type,
    ...describe({ path, kind: found.type, meta: found.meta }),
    input: await inputOf(found.inputs),
  }));
  return (await Promise.all(described)).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether the router's values travel as they are, by superjson, or by what only its host knows. */
export function transformerOf({ _def }: AnyRouter): RouterDescription['transformer'] {
  const probe = { at: new Date(0) };
  const sent: unknown = _def._config.transformer.output.serialize(probe);
  if (sent === probe) return 'none';
  const { json, meta } = (sent ?? {}) as { json?: unknown; meta?: { values?: unknown } };
  const isSuperjson =
    typeof json === 'object' && JSON.stringify(meta?.values) === '{"at":["Date"]}';
  return isSuperjson ? 'superjson' : 'host';
}
