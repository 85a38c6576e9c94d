import { initTRPC } from '@trpc/server';
import type { Actor } from '@typedo/auth';
import {
  type Access,
  allows,
  CatalogueError,
  type CommonErrorCode,
  commonErrors,
  type ErrorCode,
  type KeyErrorCode,
  keyErrors,
  scopeOf,
  takesKey,
} from '@typedo/contract';
import type { UserDb } from '@typedo/db';
import { useCompiledSchemas } from './compiled-schemas.ts';
import type { Context, UserContext } from './context.ts';
import { type ErrorShape, toCatalogueError, toErrorShape } from './error-shape.ts';
import { once } from './once.ts';
import { heard } from './stream-of.ts';
import { wire } from './wire.ts';

/** What a procedure says of itself beside its schemas. */
export interface ProcedureMeta {
  access: Access;
  /** What it does, in a sentence: the documentation of every face. */
  summary: string;
  /** The errors that it answers with beside those common to all. */
  errors: readonly ErrorCode[];
  /** How many calls it counts as. */
  weight: number;
  /** Its place on REST, where the convention gives no good one: see {@link ManifestProcedure}. */
  rest?: string;
}

useCompiledSchemas();

const t = initTRPC
  .context<Context>()
  .meta<ProcedureMeta>()
  .create({
    transformer: wire,
    sse: {
      ping: { enabled: true, intervalMs: 15_000 },
      client: { reconnectAfterInactivityMs: 40_000 },
    },
    isDev: false,
    // It formats what no procedure has: those answer by their own `.errors()` below.
    errorFormatter: ({ error, path, ctx }) =>
      toErrorShape(error, { path, requestId: ctx?.requestId }) as ErrorShape<CommonErrorCode>,
  });

export const { router, createCallerFactory } = t;

/** @throws SCOPE_MISSING when a personal token does not go as far as this procedure */
const requireScope = (
  { scopes }: Actor,
  { path, kind, access }: { path: string; kind: string; access: Access },
): void => {
  if (scopes === undefined) return;
  const scope = scopeOf({ path, kind });
  if (access === 'session') {
    const message = `Personal tokens cannot be used for ${path}: sign in instead.`;
    throw new CatalogueError('SCOPE_MISSING', { message });
  }
  if (!allows(scopes, scope)) {
    const message = `The personal token lacks the scope ${scope}.`;
    throw new CatalogueError('SCOPE_MISSING', { message });
  }
};

/**
 * A procedure for a signed-in user: its context has the `actor` and the database as they have it.
 *
 * @param errors every error it may answer with beside the common ones: callers' types have them
 */
export const protectedProcedure = <const Code extends ErrorCode = never>(doc: {
  summary: string;
  errors?: readonly Code[];
  /** `user` when absent. */
  access?: Access;
  /** 1 when absent: as much work as a few statements. */
  weight?: number;
  rest?: string;
}) => {
  const { access = 'user', weight = 1, summary, rest } = doc;
  const declared: readonly ErrorCode[] = doc.errors ?? [];
  const allowed = new Set<ErrorCode>([...commonErrors, ...keyErrors, ...declared]);
  /** What a caller is told: another code than its own is none of their business. */
  const codeOf = (error: unknown): ErrorCode => {
    const { code } = toCatalogueError(error);
    return allowed.has(code) ? code : 'INTERNAL';
  };
  const shape = toErrorShape as (
    ...args: Parameters<typeof toErrorShape>
  ) => ErrorShape<Code | CommonErrorCode | KeyErrorCode>;

  return t.procedure
    .use(({ ctx: { face, observer, startedAt }, path, next }) => {
      // First of all, so that what is refused further on is told, too.
      const call = async () => {
        const result = await next();
        const outcome = result.ok ? 'ok' : codeOf(result.error);
        observer.ended({ path, face, outcome, seconds: (performance.now() - startedAt) / 1000 });
        return result.ok ? { ...result, data: heard(result.data) } : result;
      };
      return observer.trace ? observer.trace({ path, face }, call) : call();
    })
    .meta({ access, summary, errors: declared, weight, ...(rest && { rest }) })
    .errors(({ error, path, ctx }) => {
      const isInternal = codeOf(error) === 'INTERNAL';
      const known = isInternal ? new CatalogueError('INTERNAL', { cause: error }) : error;
      return shape(known, { path, requestId: ctx?.requestId });
    })
    .use(async ({ ctx, path, type, batchIndex, getRawInput, next }) => {
      const { actor, db: data } = await ctx.admit(weight);
      requireScope(actor, { path, kind: type, access });
      const { clock, wakeUps } = ctx;
      const run = (db: UserDb) => next({ ctx: { actor, db, clock } satisfies UserContext });
      if (!takesKey({ path, kind: type })) return run(data);

      // A call that failed is rolled back, which only an error does.
      const work = async (db: UserDb): Promise<unknown> => {
        const result = await run(db);
        if (!result.ok) throw result.error;
        return result.data;
      };
      const key = ctx.keyOf(batchIndex);
      const answer = key
        ? await once(data, { key, path, input: await getRawInput() }, work)
        : await data.transaction(work);
      wakeUps.wake(actor.owner.id);
      // What tRPC reads of a result; it may be that of an earlier call.
      return { ok: true, data: answer } as Awaited<ReturnType<typeof run>>;
    });
};
