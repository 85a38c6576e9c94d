import {
  archiveListInput,
  createListInput,
  deleteListInput,
  deleteListOutput,
  listListsInput,
  listPageSchema,
  listSchema,
  updateListInput,
} from '@typedo/contract';
import { protectedProcedure } from '../trpc.ts';
import { archiveList, createList, deleteList, listLists, updateList } from './lists.service.ts';

export const listsRouter = {
  list: protectedProcedure({ summary: "Lists the user's lists, in the user's order." })
    .input(listListsInput)
    .output(listPageSchema)
    .query(({ ctx, input }) => listLists(ctx, input)),

  create: protectedProcedure({
    summary: 'Makes a list, after all others.',
    errors: ['ID_TAKEN'],
  })
    .input(createListInput)
    .output(listSchema)
    .mutation(({ ctx, input }) => createList(ctx, input)),

  update: protectedProcedure({
    summary: 'Renames, recolours or moves a list; what is absent stays as it is.',
    errors: ['LIST_NOT_FOUND'],
  })
    .input(updateListInput)
    .output(listSchema)
    .mutation(({ ctx, input }) => updateList(ctx, input)),

  archive: protectedProcedure({
    summary: 'Archives a list, which hides its tasks everywhere else, or brings it back.',
    errors: ['LIST_NOT_FOUND'],
  })
    .input(archiveListInput)
    .output(listSchema)
    .mutation(({ ctx, input }) => archiveList(ctx, input)),

  delete: protectedProcedure({
    summary: 'Deletes a list for good and moves its tasks to the trash.',
    errors: ['LIST_NOT_FOUND'],
  })
    .input(deleteListInput)
    .output(deleteListOutput)
    .mutation(({ ctx, input }) => deleteList(ctx, input.id)),
};
