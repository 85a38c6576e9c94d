import { appRouter, manifest } from '@typedo/api';
import type { FastifyPluginAsync } from 'fastify';
import type { AppServices } from '../app.ts';

// As whoever is signed in to this browser at the time of the call: nothing of them is kept.
const script = `
window.trpcPanel = {
  async headers() {
    const answer = await fetch('/api/auth/token');
    if (!answer.ok) return {};
    const { token } = await answer.json();
    return { authorization: 'Bearer ' + token };
  },
};
`;

const procedures = new Map(manifest.procedures.map((procedure) => [procedure.path, procedure]));

/** The router to explore by hand, at `/panel`; every call is made with its user's own rights. */
export const panelFace: FastifyPluginAsync<Pick<AppServices, 'hasPanel'>> = async (
  app,
  { hasPanel },
) => {
  if (!hasPanel) return;
  const { createPanel } = await import('@typedo/panel');
  const panel = createPanel({
    router: appRouter,
    url: '/api/trpc',
    title: 'Typedo',
    enabled: true,
    script,
    describe({ path }) {
      const { summary, errors, access, scope } = procedures.get(path) ?? {};
      return {
        summary,
        errors,
        access: access === 'session' ? 'session only' : `session, or token with ${scope}`,
        cli: `typedo api ${path} --input {input}`,
      };
    },
  });
  app.get('/panel', panel.fastify);
};
