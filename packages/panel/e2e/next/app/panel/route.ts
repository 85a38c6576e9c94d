import { createPanel } from '@typedo/panel';
import { plainRouter } from '../../../plain-router.ts';

export const GET = createPanel({ router: plainRouter, url: '/api/trpc', enabled: true }).fetch;
