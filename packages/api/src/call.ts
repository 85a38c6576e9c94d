import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server';
import { CatalogueError, takesKey } from '@typedo/contract';
import type { Context } from './context.ts';
import { toCatalogueError } from './error-shape.ts';
import { manifest } from './manifest.ts';
import { appRouter } from './router.ts';

const router: AnyTRPCRouter = appRouter;
const procedures: Record<string, AnyTRPCProcedure | undefined> = router._def.procedures;
const documented = new Map(manifest.procedures.map((procedure) => [procedure.path, procedure]));

/**
 * Calls a procedure that is known by its path alone, as faces do that are made from the manifest.
 *
 * @throws CatalogueError of its own codes only: another one is none of its callers' business
 */
export async function callByPath(context: Context, path: string, input: unknown): Promise<unknown> {
  const known = documented.get(path);
  const procedure = procedures[path];
  if (!known || !procedure) throw new CatalogueError('PROCEDURE_NOT_FOUND');
  const { type } = procedure._def;
  try {
    return await procedure({
      ctx: context,
      path,
      type,
      getRawInput: async () => input,
      signal: undefined,
      batchIndex: 0,
    });
  } catch (thrown) {
    const error = toCatalogueError(thrown);
    if (known.errors.includes(error.code)) throw error;
    throw new CatalogueError('INTERNAL', { cause: new Error(path, { cause: error }) });
  }
}

/**
 * Calls a mutation that takes a key, with one.
 *
 * @throws PROCEDURE_NOT_FOUND for what is none, and what the mutation throws
 */
export async function callWithKey(
  context: Context,
  path: string,
  input: unknown,
  key: string,
): Promise<unknown> {
  const known = documented.get(path);
  if (!known || !takesKey(known)) throw new CatalogueError('PROCEDURE_NOT_FOUND');
  const startedAt = performance.now();
  return callByPath({ ...context, keyOf: () => key, startedAt }, path, input);
}
