import { setTimeout } from 'node:timers/promises';
import { initTRPC, tracked } from '@trpc/server';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import * as mini from 'zod/mini';

/* Not Typedo's: no transformer, tRPC's own errors, and schemas of four libraries. */

const t = initTRPC.meta<{ description?: string }>().create();

const fill = z.discriminatedUnion('fill', [
  z.object({ fill: z.literal('none') }),
  z.object({ fill: z.literal('colour'), colour: z.enum(['red', 'green', 'blue']) }),
]);
const shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('circle'), radius: z.number().positive(), style: fill.optional() }),
  z.object({ kind: z.literal('box'), size: z.tuple([z.number(), z.number()]), style: fill }),
]);
interface Folder {
  name: string;
  inside: Folder[];
}
const folder: z.ZodType<Folder, Folder> = z.object({
  name: z.string().min(1),
  get inside() {
    return z.array(folder).max(3);
  },
});

const shapes = t.router({
  draw: t.procedure
    .meta({ description: 'Draws a shape, and says where.' })
    .input(z.object({ shape, label: z.string().max(40).nullish(), layer: z.int().min(0).max(9) }))
    .mutation(({ input }) => input),
  many: t.procedure.input(z.array(shape).max(5)).query(({ input }) => input.length),
});

const values = t.router({
  record: t.procedure
    .input(z.record(z.string(), z.object({ weight: z.number(), note: z.string().optional() })))
    .query(({ input }) => Object.keys(input)),
  mixes: t.procedure
    .input(
      z.object({
        required: z.boolean(),
        optional: z.boolean().optional(),
        nullable: z.string().nullable(),
        nullish: z.number().nullish(),
        either: z.union([z.string(), z.number(), z.array(z.string())]),
        defaulted: z.string().default('none'),
        nested: z
          .object({ deep: z.object({ deeper: z.string().optional() }).optional() })
          .optional(),
        anything: z.unknown(),
        only: z.literal('this').optional(),
      }),
    )
    .mutation(({ input }) => input),
  coerced: t.procedure
    .input(z.object({ at: z.coerce.date(), big: z.coerce.bigint().optional() }))
    .query(({ input }) => ({ at: input.at, big: String(input.big) })),
  folders: t.procedure.input(folder).mutation(({ input }) => input.name),
  merged: t.procedure
    .input(z.object({ page: z.int().min(1) }))
    .input(z.object({ filter: z.string().min(2) }))
    .query(({ input }) => input),
});

const libraries = t.router({
  valibot: t.procedure
    .input(
      toStandardJsonSchema(
        v.object({
          email: v.pipe(v.string(), v.email()),
          size: v.variant('unit', [
            v.object({ unit: v.literal('cm'), value: v.pipe(v.number(), v.minValue(1)) }),
            v.object({ unit: v.literal('letter'), value: v.picklist(['S', 'M', 'L']) }),
          ]),
        }),
      ),
    )
    .mutation(({ input }) => input),
  arktype: t.procedure
    .input(type({ name: 'string > 2', 'age?': 'number.integer >= 0', tags: 'string[]' }))
    .query(({ input }) => input),
  mini: t.procedure
    .input(mini.object({ count: mini.number().check(mini.gte(1)) }))
    .query(({ input }) => input.count),
  untold: t.procedure.input((input: unknown) => input).query(({ input }) => input),
});

/** Counts up, from where it was left when it is asked for again. */
const count = t.procedure
  .input(z.object({ lastEventId: z.string().nullish(), everyMs: z.int().min(1).default(50) }))
  .subscription(async function* ({ input, signal }) {
    for (let number = Number(input.lastEventId ?? 0) + 1; ; number += 1) {
      yield tracked(String(number), { number });
      await setTimeout(input.everyMs, undefined, { signal });
    }
  });

export const plainRouter = t.router({
  shapes,
  values,
  libraries,
  nothing: t.procedure.query(() => null),
  wait: t.procedure
    .input(z.object({ ms: z.int().min(0).max(60_000) }))
    .query(async ({ input, signal }) => setTimeout(input.ms, 'waited', { signal })),
  count,
});
