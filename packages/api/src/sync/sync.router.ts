import {
  changesInput,
  noInput,
  pullInput,
  pushInput,
  pushOutput,
  syncPageSchema,
  syncPositionSchema,
} from '@typedo/contract';
import { streamOf } from '../stream-of.ts';
import { protectedProcedure } from '../trpc.ts';
import { watchChanges } from './changes.ts';
import { pull, syncPosition } from './pull.ts';
import { push } from './push.ts';

export const syncRouter = {
  pull: protectedProcedure({
    summary: 'Gives what a copy of all lists and tasks lacks since a position, page by page.',
    errors: ['POSITION_EXPIRED'],
    weight: 2,
  })
    .input(pullInput)
    .output(syncPageSchema)
    .query(({ ctx, input }) => pull(ctx, input)),

  position: protectedProcedure({
    summary: 'Tells where the data are now, for who has read them by other procedures before.',
  })
    .input(noInput)
    .output(syncPositionSchema)
    .query(({ ctx }) => syncPosition(ctx)),

  push: protectedProcedure({
    summary: 'Runs up to 100 mutations in their order, each by itself, with a key of its own.',
  })
    .input(pushInput)
    .output(pushOutput)
    .mutation(({ ctx, input }) => push(ctx, input)),

  changes: protectedProcedure({
    summary: 'Streams what is changed from a position on, as it happens.',
    errors: ['POSITION_EXPIRED', 'TOO_MANY_STREAMS'],
  })
    .input(changesInput)
    .output(streamOf(syncPageSchema))
    .subscription(({ ctx, input, signal }) => watchChanges(ctx, input ?? {}, signal)),
};
