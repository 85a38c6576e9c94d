import { initTRPC, lazy, TRPCError } from '@trpc/server';
import superjson from 'superjson';
import { z } from 'zod';

/* Not Typedo's either: superjson, values that JSON lacks, and zod's errors as tRPC documents them. */

const t = initTRPC.create({
  transformer: superjson,
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    data: {
      ...shape.data,
      zodError: error.cause instanceof z.ZodError ? z.flattenError(error.cause) : null,
    },
  }),
});

interface Tree {
  leaves: Tree[];
}
const tree: z.ZodType<Tree, Tree> = z.object({
  get leaves() {
    return z.array(tree);
  },
});

const later = t.router({ hello: t.procedure.query(() => 'from a router that came late') });

export const richRouter = t.router({
  values: t.router({
    all: t.procedure
      .input(
        z.object({
          at: z.date(),
          until: z.date().nullish(),
          big: z.bigint(),
          tags: z.set(z.string()).optional(),
          prices: z.map(z.string(), z.number()),
          days: z.map(z.date(), z.set(z.bigint())).optional(),
          gone: z.undefined().optional(),
        }),
      )
      .mutation(({ input }) => ({ ...input, none: undefined, nan: Number.NaN })),
    either: t.procedure
      .input(z.union([z.date(), z.bigint(), z.string().min(3), z.null()]))
      .query(({ input }) => input),
  }),
  awkward: t.router({
    // A pattern that no `u` flag allows, names that every object has, and lists to fill.
    form: t.procedure
      .input(
        z.object({
          phone: z
            .string()
            .regex(new RegExp(String.raw`^\d{3}\-\d{4}$`))
            .optional(),
          note: z.string().optional(),
          level: z.enum(['low', 'high']).optional(),
          count: z.number().optional(),
          tags: z.array(z.string()).optional(),
          any: z.any().optional(),
        }),
      )
      .mutation(({ input }) => input),
    record: t.procedure
      .input(z.record(z.string(), z.number()))
      .mutation(({ input }) => Object.entries(input)),
    merged: t.procedure
      .input(z.object({ tree }))
      .input(z.object({ name: z.string() }))
      .mutation(({ input }) => input.name),
    day: t.procedure.input(z.coerce.date()).mutation(({ input }) => input),
    polluting: t.procedure.mutation(() => {
      throw new z.ZodError([
        { code: 'custom', path: ['__proto__', 'toString'], message: 'polluted', input: undefined },
      ]);
    }),
    'ünïcode name': t.procedure.query(() => 'found'),
  }),
  forbidden: t.procedure.query(() => {
    throw new TRPCError({ code: 'FORBIDDEN', message: 'Not for you.' });
  }),
  later: lazy(async () => ({ later })),
});
