import { changePageSchema, listHistoryInput, revisionKeySchema } from '@typedo/contract';
import { protectedProcedure } from '../trpc.ts';
import { listHistory, undoRevision } from './history.service.ts';

export const historyRouter = {
  list: protectedProcedure({
    summary:
      'Lists what became of lists and tasks, latest first: what, when, by whom, field by field.',
  })
    .input(listHistoryInput)
    .output(changePageSchema)
    .query(({ ctx, input }) => listHistory(ctx, input)),

  undo: protectedProcedure({
    summary: 'Undoes everything of one revision, unless later changes stand in the way.',
    errors: ['REVISION_NOT_FOUND', 'UNDO_BLOCKED'],
  })
    .input(revisionKeySchema)
    .output(revisionKeySchema)
    .mutation(({ ctx, input }) => undoRevision(ctx, input)),
};
