import { manifest } from '@typedo/api';
import type { FastifyPluginAsync } from 'fastify';
import type { AppServices } from '../../app.ts';
import { contentSecurityPolicy } from '../../plugins/security-headers.ts';

/** What REST says of itself: `/api/openapi.json` to programs, `/docs` to people; for anyone. */
export const openApiFace: FastifyPluginAsync<Pick<AppServices, 'baseUrl'>> = async (
  app,
  { baseUrl },
) => {
  // Made when first asked for, since most servers never are.
  const makeDocument = async (): Promise<string> => {
    const { createOpenApi } = await import('./openapi.ts');
    return JSON.stringify(createOpenApi(manifest, baseUrl));
  };
  const makePage = async (): Promise<string> => {
    const { docsPage } = await import('./docs-page.ts');
    return docsPage(manifest, baseUrl);
  };
  let document: Promise<string> | undefined;
  let page: Promise<string> | undefined;
  app.get('/api/openapi.json', async (_request, reply) =>
    reply.type('application/json').send(await (document ??= makeDocument())),
  );
  // The only page of this server: its policy lets in its own style sheet, and still no script.
  const policy = contentSecurityPolicy({ 'style-src': "'self'" });
  app.get('/docs', async (_request, reply) =>
    reply
      .header('content-security-policy', policy)
      .type('text/html')
      .send(await (page ??= makePage())),
  );
  app.get('/docs/style.css', async (_request, reply) => {
    const { docsStyle } = await import('./docs-style.ts');
    return reply.type('text/css').send(docsStyle);
  });
};
