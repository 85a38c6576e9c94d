import { type Caller, callerOf, callWithKey, type Context } from '@typedo/api';
import { type Actor, isPersonalToken } from '@typedo/auth';
import { CatalogueError } from '@typedo/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppServices } from '../app.ts';
import { bearerToken } from '../bearer.ts';
import { keysOf } from '../idempotency-keys.ts';
import { addressKey } from '../rate-limit.ts';
import { tellOfCall } from '../security-events.ts';

export type CallServices = Pick<
  AppServices,
  | 'accounts'
  | 'callQueue'
  | 'database'
  | 'verify'
  | 'personalTokens'
  | 'rateLimits'
  | 'streams'
  | 'wakeUps'
  | 'clock'
  | 'metrics'
  | 'tracing'
>;

/** What the calls of a request come with: their user is verified once, when the first asks for it. */
export function callContext(
  services: CallServices,
  request: FastifyRequest,
  reply: FastifyReply,
  face: Context['face'],
): Context {
  const { accounts, database, verify, personalTokens } = services;
  const { rateLimits, streams, wakeUps, clock, metrics, tracing } = services;
  const address = (): string => addressKey(request.ip);
  const exchange = async (token: string): Promise<string> => {
    await rateLimits.look.spend(address(), reply);
    return personalTokens.exchange(token);
  };
  const authenticate = async (): Promise<Actor> => {
    const token = bearerToken(request);
    if (!token) throw new CatalogueError('UNAUTHENTICATED');
    if (!isPersonalToken(token)) return verify(token);
    return verify(personalTokens.known(token) ?? (await exchange(token)));
  };
  let caller: Promise<Caller> | undefined;
  const whoCalls = () =>
    (caller ??= authenticate().then((actor) => callerOf(actor, database, context)));
  const context: Context = {
    async admit(weight) {
      const known = await whoCalls().catch(async (error: unknown) => {
        await rateLimits.address.spend(address(), reply, weight);
        throw error;
      });
      await rateLimits.user.spend(known.actor.owner.id, reply, weight);
      return known;
    },
    async admitPassword() {
      // By owner: only who is signed in as them can use their tries up.
      await rateLimits.account.spend((await whoCalls()).actor.owner.id, reply);
    },
    keyOf: (place) => keysOf(request)[place],
    call: (path, input, key) => callWithKey(context, path, input, key),
    openStream: (ownerId) => streams.open(ownerId, reply.raw),
    async verifyAgain() {
      await authenticate();
    },
    wakeUps,
    observer: {
      trace: tracing?.call,
      ended(call) {
        tracing?.ended(call);
        if (metrics) {
          request.hasCalled = true;
          metrics.ended(call);
        }
        tellOfCall(request, call);
      },
      streamed: (seconds) => metrics?.streamed(seconds),
    },
    accounts,
    face,
    startedAt: performance.now(),
    requestId: request.id,
    clock,
  };
  return context;
}
