import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { plainRouter } from '../../../../../plain-router.ts';

const handler = (req: Request): Promise<Response> =>
  fetchRequestHandler({ endpoint: '/api/trpc', req, router: plainRouter });

export { handler as GET, handler as POST };
