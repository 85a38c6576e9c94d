import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import fastifyPlugin from 'fastify-plugin';
import helmet from 'helmet';
import type { AppServices } from '../app.ts';

/** Nothing is let in but what a page says. @see https://www.w3.org/TR/CSP3/ */
export const contentSecurityPolicy = (page: Record<string, string> = {}): string =>
  Object.entries({
    'default-src': "'none'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
    ...page,
  })
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join(';');

/** What helmet sets on a response. */
function helmetHeaders(options: Parameters<typeof helmet>[0]) {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet(options)(request, response, () => {});
  return response.getHeaders();
}

/** This server answers with data: no page, script or frame of it is anyone's business. */
export const securityHeaders = fastifyPlugin<Pick<AppServices, 'baseUrl'>>(
  async (app, { baseUrl }) => {
    // Found out once: @fastify/helmet makes them anew for each request, which costs more than its
    // authentication.
    const headers = {
      ...helmetHeaders({
        contentSecurityPolicy: false,
        strictTransportSecurity: baseUrl.startsWith('https:'),
        crossOriginResourcePolicy: { policy: 'same-site' },
        xFrameOptions: { action: 'deny' },
        // For browsers of the past, or plugins: every header is a hundredth of a small call.
        originAgentCluster: false,
        xDnsPrefetchControl: false,
        xDownloadOptions: false,
        xPermittedCrossDomainPolicies: false,
        xXssProtection: false,
      }),
      'content-security-policy': contentSecurityPolicy(),
      'cache-control': 'no-store',
    };
    app.addHook('onRequest', (_request, reply, done) => {
      reply.headers(headers);
      done();
    });
  },
);
