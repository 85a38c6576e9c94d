import type { TRPCBuiltRouter } from '@trpc/server';
import type { CommonErrorCode } from '@typedo/contract';
import { accountRouter } from './account/account.router.ts';
import type { ErrorShape } from './error-shape.ts';
import { historyRouter } from './history/history.router.ts';
import { listsRouter } from './lists/lists.router.ts';
import { syncRouter } from './sync/sync.router.ts';
import { tasksRouter } from './tasks/tasks.router.ts';
import { tokensRouter } from './tokens/tokens.router.ts';
import { router } from './trpc.ts';

// Named by their own declarations, which `satisfies` would inline: so that go-to-definition walks
// from a call in a client to the procedure here. An interface lacks the index signature of tRPC's.
type Nouns = {
  account: typeof accountRouter;
  history: typeof historyRouter;
  lists: typeof listsRouter;
  sync: typeof syncRouter;
  tasks: typeof tasksRouter;
  tokens: typeof tokensRouter;
};
const nouns: Nouns = {
  account: accountRouter,
  history: historyRouter,
  lists: listsRouter,
  sync: syncRouter,
  tasks: tasksRouter,
  tokens: tokensRouter,
};

export const appRouter = router(nouns);

/** The router as callers see it: nothing of the server's context is part of it. */
export type AppRouter = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: ErrorShape<CommonErrorCode>; transformer: true },
  Nouns
>;
