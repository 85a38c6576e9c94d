import { initTRPC } from '@trpc/server';
import {
  CatalogueError,
  type CommonErrorCode,
  commonErrors,
  type ErrorCode,
} from '@typedo/contract';
import type { Context, UserContext } from './context.ts';
import { type ErrorShape, toCatalogueError, toErrorShape } from './error-shape.ts';
import { wire } from './wire.ts';

/** What a procedure says of itself beside its schemas. */
export interface ProcedureMeta {
  /** Who may call it: `user` is anyone with an access token, for their own data. */
  access: 'user';
  /** What it does, in a sentence: the documentation of every face. */
  summary: string;
  /** The errors that it answers with beside those common to all. */
  errors: readonly ErrorCode[];
}

const t = initTRPC
  .context<Context>()
  .meta<ProcedureMeta>()
  .create({
    transformer: wire,
    isDev: false,
    // It formats what no procedure has: those answer by their own `.errors()` below.
    errorFormatter: ({ error, path, ctx }) =>
      toErrorShape(error, { path, requestId: ctx?.requestId }) as ErrorShape<CommonErrorCode>,
  });

export const { router, createCallerFactory } = t;

/**
 * A procedure for a signed-in user: its context has the `actor` and the database as they have it.
 *
 * @param errors every error it may answer with beside the common ones: callers' types have them
 */
export const protectedProcedure = <const Code extends ErrorCode = never>(doc: {
  summary: string;
  errors?: readonly Code[];
}) => {
  const declared: readonly ErrorCode[] = doc.errors ?? [];
  const allowed = new Set<ErrorCode>([...commonErrors, ...declared]);
  const shape = toErrorShape as (
    ...args: Parameters<typeof toErrorShape>
  ) => ErrorShape<Code | CommonErrorCode>;

  return t.procedure
    .meta({ access: 'user', summary: doc.summary, errors: declared })
    .errors(({ error, path, ctx }) => {
      const { code } = toCatalogueError(error);
      const isDeclared = allowed.has(code);
      const known = isDeclared ? error : new CatalogueError('INTERNAL', { cause: error });
      return shape(known, { path, requestId: ctx?.requestId });
    })
    .use(async ({ ctx, next }) => {
      const actor = await ctx.authenticate();
      const { database, requestId, clock } = ctx;
      const db = database.forUser({
        ownerId: actor.owner.id,
        actor: actor.sessionId ? `session:${actor.sessionId}` : 'token',
        requestId,
      });
      return next({ ctx: { actor, db, clock } satisfies UserContext });
    });
};
