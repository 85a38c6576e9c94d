import { toCatalogueError } from '@typedo/api';
import { identityRoutes, isPersonalToken, upTo } from '@typedo/auth';
import { CatalogueError, limits } from '@typedo/contract';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { AppServices } from '../app.ts';
import { bearerToken } from '../bearer.ts';
import { addressKey, type RateLimits } from '../rate-limit.ts';
import { tellOfRefusal, tellOfRoute } from '../security-events.ts';
import { requireShallow } from '../too-deep.ts';

/** The request as better-auth takes it, which knows one public address alone. */
const toRequest = (request: FastifyRequest, method: string, baseUrl: string): Request => {
  const body = typeof request.body === 'string' && request.body !== '' ? request.body : null;
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    // The body was read already, and only what the proxies we trust say of an address counts.
    if (/^(content-length|transfer-encoding|connection|x-forwarded-.*|forwarded)$/.test(name))
      continue;
    for (const item of [value].flat()) if (item !== undefined) headers.append(name, item);
  }
  headers.set('x-forwarded-for', request.ip);
  return new Request(new URL(request.url, baseUrl), { method, headers, body });
};

/** Whose password a sign-in tries; undefined when there can be no such account. */
const accountOf = (body: unknown): string | undefined => {
  try {
    const { email } = JSON.parse(String(body)) as { email?: unknown };
    if (typeof email !== 'string' || email.length > limits.emailLength) return undefined;
    return email.toLowerCase();
  } catch {
    return undefined;
  }
};

// About 200 bytes each.
const familiarAddresses = 20_000;

/**
 * Limits wrong passwords for one account, from however many addresses. Where somebody signed in to
 * it before, they still can: nobody is locked out by what others try.
 */
const createAccountGuard = ({ account: limit }: RateLimits) => {
  const familiar = new LRUCache<string, true>(upTo(familiarAddresses));
  return async (
    account: string,
    address: string,
    reply: FastifyReply,
    signIn: () => Promise<Response>,
  ): Promise<Response> => {
    const here = `${account} ${address}`;
    const isFamiliar = familiar.has(here);
    if (!isFamiliar) await limit.spend(account, reply);
    const response = await signIn();
    if (response.ok) {
      familiar.set(here, true);
      if (!isFamiliar) await limit.giveBack(account);
    }
    return response;
  };
};

/**
 * Sign-up, sign-in and sessions at `/api/auth/*`: better-auth's API, the listed part of it. At
 * `/token` a personal token is exchanged as a session is.
 */
export const identityFace: FastifyPluginAsync<
  Pick<AppServices, 'identity' | 'baseUrl' | 'database' | 'personalTokens' | 'rateLimits'>
> = async (app, { identity, baseUrl, database, personalTokens, rateLimits }) => {
  const guardAccount = createAccountGuard(rateLimits);
  const parse = app.getDefaultJsonParser('error', 'error');
  // better-auth reads the body itself, once it is known to be harmless.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string' },
    (request, body, done) => {
      requireShallow(body);
      // PostgreSQL cannot store it, and better-auth would find out only there.
      if (body.includes('\\u0000')) {
        throw new CatalogueError('MALFORMED_REQUEST', { message: 'U+0000 cannot be stored.' });
      }
      if (body === '') done(null, body);
      else void parse(request, body, (error) => done(error, body));
    },
  );

  for (const { method, path, counts } of identityRoutes) {
    app.route({
      method,
      url: `/api/auth${path}`,
      async onRequest(request, reply) {
        await rateLimits[counts].spend(addressKey(request.ip), reply);
      },
      async handler(request, reply) {
        const bearer = bearerToken(request);
        if (path === '/token' && bearer && isPersonalToken(bearer)) {
          const token = await personalTokens.exchange(bearer).catch((error: unknown) => {
            tellOfRefusal(request, toCatalogueError(error).code);
            throw error;
          });
          return { token };
        }
        const handle = () => identity.handle(toRequest(request, method, baseUrl));
        const account = path === '/sign-in/email' ? accountOf(request.body) : undefined;
        const response = account
          ? await guardAccount(account, addressKey(request.ip), reply, handle)
          : await handle();
        // Its own errors have a body for the caller; these are ours.
        if (response.status >= 500) {
          await database.ping();
          throw new CatalogueError('INTERNAL');
        }
        tellOfRoute(request, path, response.ok);
        reply.code(response.status);
        for (const [name, value] of response.headers) {
          if (name !== 'set-cookie') reply.header(name, value);
        }
        for (const cookie of response.headers.getSetCookie()) reply.header('set-cookie', cookie);
        return reply.send(response.body && (await response.text()));
      },
    });
  }
};
