import {
  accountExportSchema,
  accountRowsSchema,
  accountSchema,
  deleteAccountInput,
  noInput,
} from '@typedo/contract';
import { protectedProcedure } from '../trpc.ts';
import { deleteAccount, exportAccount } from './account.service.ts';

export const accountRouter = {
  me: protectedProcedure({ summary: 'Tells who is calling.', rest: 'GET /account' })
    .input(noInput)
    .output(accountSchema)
    .query(({ ctx: { actor } }) => ({ ...actor.owner, email: actor.email, name: actor.name })),

  export: protectedProcedure({
    summary: 'Gives everything that is kept of the user, and of which tables it is.',
    errors: ['EXPORT_TOO_LARGE'],
    access: 'session',
    weight: 10,
  })
    .input(noInput)
    .output(accountExportSchema)
    .query(({ ctx }) => exportAccount(ctx)),

  delete: protectedProcedure({
    summary: 'Deletes everything that is kept of the user for good, and ends all their access.',
    errors: ['PASSWORD_WRONG'],
    access: 'session',
    // The password is for a body, not for an address.
    rest: 'POST /account/delete',
  })
    .input(deleteAccountInput)
    .output(accountRowsSchema)
    .mutation(({ ctx, input }) => deleteAccount(ctx, input)),
};
