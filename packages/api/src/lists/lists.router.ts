import {
  archiveListInput,
  changeListInput,
  createListInput,
  deleteListOutput,
  listIdInput,
  listListsInput,
  listPageSchema,
  listSchema,
  updateListInput,
} from '@typedo/contract';
import { protectedProcedure } from '../trpc.ts';
import {
  archiveList,
  createList,
  deleteList,
  getList,
  listLists,
  updateList,
} from './lists.service.ts';

export const listsRouter = {
  list: protectedProcedure({ summary: "Lists the user's lists, in the user's order." })
    .input(listListsInput)
    .output(listPageSchema)
    .query(({ ctx, input }) => listLists(ctx, input)),

  get: protectedProcedure({ summary: 'Gets one list.', errors: ['LIST_NOT_FOUND'] })
    .input(listIdInput)
    .output(listSchema)
    .query(({ ctx, input }) => getList(ctx, input.id)),

  create: protectedProcedure({
    summary: 'Makes a list, after all others.',
    errors: ['ID_TAKEN'],
  })
    .input(createListInput)
    .output(listSchema)
    .mutation(({ ctx, input }) => createList(ctx, input)),

  update: protectedProcedure({
    summary: 'Renames, recolours or moves a list; what is absent stays as it is.',
    errors: ['VERSION_CONFLICT', 'LIST_NOT_FOUND'],
  })
    .input(updateListInput)
    .output(listSchema)
    .mutation(({ ctx, input }) => updateList(ctx, input)),

  archive: protectedProcedure({
    summary: 'Archives a list, which hides its tasks everywhere else, or brings it back.',
    errors: ['VERSION_CONFLICT', 'LIST_NOT_FOUND'],
  })
    .input(archiveListInput)
    .output(listSchema)
    .mutation(({ ctx, input }) => archiveList(ctx, input)),

  delete: protectedProcedure({
    summary: 'Deletes a list for good and moves its tasks to the trash.',
    errors: ['VERSION_CONFLICT', 'LIST_NOT_FOUND'],
  })
    .input(changeListInput)
    .output(deleteListOutput)
    .mutation(({ ctx, input }) => deleteList(ctx, input)),
};
