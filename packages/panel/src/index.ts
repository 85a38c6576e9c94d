import type { AnyRouter } from '@trpc/server';
import {
  describeByMeta,
  type Describe,
  describeProcedures,
  transformerOf,
} from './describe-router.ts';
import type { RouterDescription } from './description.ts';
import { pageHtml, pagePolicy } from './page-html.ts';

export type { Describe, FoundProcedure } from './describe-router.ts';
export type { ProcedureDescription } from './description.ts';

/** What a panel is told by its host. */
export interface PanelOptions {
  /** Any router of tRPC 11. */
  router: AnyRouter;
  /** Where that router answers: a path of the panel's own server, or a whole address. */
  url: string;
  /** What the page is called; `tRPC panel` unless told. */
  title?: string | undefined;
  /** Whether there is a panel at all; not under `NODE_ENV=production` unless told. */
  enabled?: boolean | undefined;
  /** Tells more of each procedure than `summary` or `description` in its meta. */
  describe?: Describe | undefined;
  /**
   * JavaScript that the page runs before the panel, under the page's nonce. It may set
   * `window.trpcPanel` to `{ headers, transformer }`: a function that gives the headers of each
   * call, such as a fresh bearer token's, and the transformer where it is not superjson.
   */
  script?: string | undefined;
}

/** As much of a request as the panel reads; described so that callers need no types of Node. */
interface PanelRequest {
  headers: { 'accept-encoding'?: string | string[] | undefined };
}

/** The panel for servers of each kind; any of them is called for GET at the panel's address. */
export interface Panel {
  /** For fetch handlers: Next's `route.ts`, Hono, Bun, Deno. */
  fetch: () => Promise<Response>;
  /** For Express, Connect and `node:http`. */
  node: (
    request: PanelRequest,
    response: {
      writeHead: (
        status: number,
        headers: Record<string, string>,
      ) => { end: (body: Uint8Array) => unknown };
    },
  ) => Promise<void>;
  /** For Fastify, as a route's handler. */
  fastify: (
    request: PanelRequest,
    reply: {
      code: (status: number) => unknown;
      header: (name: string, value: string) => unknown;
      send: (body: Uint8Array) => unknown;
    },
  ) => Promise<void>;
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer>;
}

const gzip = async (body: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> => {
  const packed = new Blob([body]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
};

const newNonce = (): string =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));

// oxlint-disable-next-line no-restricted-properties -- The panel has no app above it to read it.
const isProduction = (): boolean => globalThis.process?.env.NODE_ENV === 'production';

/**
 * Makes a panel of a router: one page that lists its procedures and calls them as whoever opens it.
 * The page holds the router's shape and nobody's data, and makes no request but those calls.
 *
 * @throws Error when the router's transformer is neither superjson nor told by `script`
 */
export function createPanel({
  router,
  url,
  title = 'tRPC panel',
  enabled = !isProduction(),
  describe = describeByMeta,
  script,
}: PanelOptions): Panel {
  const transformer = transformerOf(router);
  if (transformer === 'host' && script === undefined) {
    throw new Error(
      'The panel does not know this router’s transformer: give a `script` that sets window.trpcPanel = { transformer }.',
    );
  }
  let described: Promise<RouterDescription> | undefined;
  const description = async (): Promise<RouterDescription> => {
    described ??= describeProcedures(router, describe).then((procedures) => ({
      title,
      url,
      transformer,
      procedures,
    }));
    return described.catch((error: unknown) => {
      // A lazy router that did not load may load the next time.
      described = undefined;
      throw error;
    });
  };

  const answer = async (acceptEncoding: string | undefined): Promise<Answer> => {
    const security = {
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    };
    if (!enabled) {
      const body = new TextEncoder().encode('Not found\n');
      return { status: 404, headers: { ...security, 'content-type': 'text/plain' }, body };
    }
    const nonce = newNonce();
    let html: Uint8Array<ArrayBuffer>;
    try {
      const page = pageHtml(await description(), { nonce, hostScript: script });
      html = new TextEncoder().encode(page);
    } catch (error) {
      // A part of the router that did not load: whoever hosts this may have nothing to catch it.
      const body = new TextEncoder().encode(`The router cannot be read: ${String(error)}\n`);
      return { status: 500, headers: { ...security, 'content-type': 'text/plain' }, body };
    }
    const headers = {
      ...security,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': pagePolicy(nonce, url),
      vary: 'accept-encoding',
    };
    if (!/\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\b)/.test(acceptEncoding ?? '')) {
      return { status: 200, headers, body: html };
    }
    return {
      status: 200,
      headers: { ...headers, 'content-encoding': 'gzip' },
      body: await gzip(html),
    };
  };

  return {
    async fetch() {
      // Next would pack it a second time, and servers like it pack what they serve themselves.
      const { status, headers, body } = await answer(undefined);
      return new Response(body, { status, headers });
    },
    async node(request, response) {
      const { status, headers, body } = await answer(String(request.headers['accept-encoding']));
      response.writeHead(status, headers).end(body);
    },
    async fastify(request, reply) {
      const { status, headers, body } = await answer(String(request.headers['accept-encoding']));
      reply.code(status);
      for (const [name, value] of Object.entries(headers)) reply.header(name, value);
      await reply.send(body);
    },
  };
}
