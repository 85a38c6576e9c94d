import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type BlockList, isIPv6 } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import sirv from 'sirv';
import { ConfigurationError, readServerEnv } from './server-env.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** How long the server takes to stop at most, and, within it, requests in progress to end. */
const stopMs = 20_000;
const patienceMs = 4000;

/** Cuts off who sends a request too slowly. */
const timeouts = {
  requestTimeout: 30_000,
  headersTimeout: 15_000,
  connectionsCheckingInterval: 5000,
};

const staticPath = '/_next/static';

/** The build's scripts and styles, as compress.ts made them; their names change with what is in them. */
const serveStatic = (fallback: Handler): Handler => {
  const serve = sirv(join(import.meta.dirname, '.next/static'), {
    // Looks for a file when it is asked for, so that a build meanwhile takes none from under it.
    dev: true,
    brotli: true,
    gzip: true,
    extensions: [],
    setHeaders(response) {
      response.setHeader('cache-control', 'public, max-age=31536000, immutable');
      response.setHeader('x-content-type-options', 'nosniff');
    },
  });
  return (request, response) => {
    const { url = '', method = '' } = request;
    if (!url.startsWith(`${staticPath}/`) || !['GET', 'HEAD'].includes(method)) {
      fallback(request, response);
      return;
    }
    // Whole files only: sirv throws at a range that ends before it starts.
    delete request.headers.range;
    request.url = url.slice(staticPath.length);
    serve(request, response, () => {
      request.url = url;
      fallback(request, response);
    });
  };
};

const forwardedHeaders = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
];

/** Names the client's address for Next and, through it, for the API: what a stranger claims is dropped. */
const nameClient = ({ headers, socket }: IncomingMessage, trustedProxies: BlockList): void => {
  const address = socket.remoteAddress ?? '';
  const isTrusted = trustedProxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  const before = isTrusted ? headers['x-forwarded-for'] : undefined;
  if (!isTrusted) for (const name of forwardedHeaders) delete headers[name];
  headers['x-forwarded-for'] = [before ?? [], address].flat().join(', ');
};

/** Waits until the API can answer, so that the first page after "is ready" is not an apology. */
const untilApiIsReady = async (apiUrl: string): Promise<void> => {
  const isReady = async () =>
    fetch(`${apiUrl}/readyz`, { signal: AbortSignal.timeout(2000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  for (let tries = 1; !(await isReady()); tries += 1) {
    if (tries === 100) console.log(`The API at ${apiUrl} does not answer yet.`);
    await wait(100);
  }
};

const start = async (): Promise<void> => {
  const { host, port, trustedProxies, otlpEndpoint } = readServerEnv();
  // Both read the environment when they are loaded.
  const [{ default: next }, { apiUrl }] = await Promise.all([
    import('next'),
    import('./src/env.ts'),
  ]);

  let pages: Handler = (_request, response) => void response.writeHead(503).end();
  const handle = serveStatic((request, response) => pages(request, response));
  // Loaded only here: what it needs takes memory.
  const browserSpans =
    otlpEndpoint && (await import('./browser-spans.ts')).createBrowserSpans(otlpEndpoint);
  const server = createServer(timeouts, (request, response) => {
    nameClient(request, trustedProxies);
    if (browserSpans && request.url === '/traces') void browserSpans.take(request, response);
    else handle(request, response);
  });
  // First of all, so that a port in use is known before anything else is done.
  await once(server.listen({ host, port }), 'listening');
  const address = server.address();
  const actualPort = typeof address === 'object' && address ? address.port : port;

  const app = next({
    dir: import.meta.dirname,
    dev: false,
    hostname: 'localhost',
    port: actualPort,
    httpServer: server,
  });
  await app.prepare();
  const render = app.getRequestHandler();
  pages = (request, response) => {
    render(request, response).catch((error: unknown) => {
      console.error(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  };

  // As in Next's own server, a page that fails is not the end of everybody else's.
  process.on('uncaughtException', (error) => console.error(error));
  process.on('unhandledRejection', (error) => console.error(error));
  closeWithGrace(
    { delay: stopMs, logger: false, skip: ['uncaughtException', 'unhandledRejection'] },
    async () => {
      setTimeout(() => server.closeAllConnections(), patienceMs).unref();
      await new Promise((resolve) => server.close(resolve));
      await app.close();
      if (browserSpans) await browserSpans.close();
    },
  );
  await untilApiIsReady(apiUrl);
  console.log(`Typedo is ready at http://localhost:${actualPort}`);
};

/** What went wrong, as a sentence for whoever started the server; undefined for what is a bug. */
const explain = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof ConfigurationError) return error.message;
  const { code, port, address } = error as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
  };
  if (code === 'EADDRINUSE') {
    return `Port ${port} on ${address} is in use. Stop what listens there, or set WEB_PORT to another.`;
  }
  if (code === 'EACCES' && port) {
    return `WEB_PORT ${port} may not be used by this user. Set WEB_PORT to another.`;
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `HOST ${address ?? ''} is no address of this machine.`;
  }
  if (error.message.includes('Could not find a production build')) {
    return 'The web app is not built yet. Build it by `pnpm build`, or start everything by `pnpm start`.';
  }
  return undefined;
};

try {
  await start();
} catch (error) {
  console.error(explain(error) ?? error);
  process.exit(1);
}
