import { accountSchema, noInput } from '@typedo/contract';
import { protectedProcedure } from '../trpc.ts';

export const accountRouter = {
  me: protectedProcedure({ summary: 'Tells who is calling.' })
    .input(noInput)
    .output(accountSchema)
    .query(({ ctx: { actor } }) => ({ ...actor.owner, email: actor.email, name: actor.name })),
};
