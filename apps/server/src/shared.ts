import { hash, randomUUID } from 'node:crypto';
import { createWakeUps, type WakeUps } from '@typedo/api';
import { ownerIdSchema } from '@typedo/contract';
import type { FastifyBaseLogger } from 'fastify';
import { countInMemory, type CreateCounter } from './rate-limit.ts';
import { connectRedis, type Redis } from './redis.ts';

/** What instances of the service have in common beside the database. */
export interface Shared {
  createCounter: CreateCounter;
  wakeUps: WakeUps;
  close(): Promise<void>;
}

/** For an instance that is alone. */
export const shareNothing = (): Shared => ({
  createCounter: countInMemory,
  wakeUps: createWakeUps(),
  close: async () => {},
});

/**
 * Counts in Redis, and here what passes here. The larger count decides, so that what Redis forgets, or
 * is not there for, lets no more pass than the quota at each instance.
 */
const countIn =
  (redis: Redis): CreateCounter =>
  (rule) => {
    const here = countInMemory(rule);
    return {
      async add(key, points) {
        // Some keys are addresses of people, which Redis need not have.
        const name = `typedo:limit:${rule.name}:${hash('sha256', key, 'base64url')}`;
        const all = await redis.count(name, points, rule.windowSeconds * 1000);
        const own = await here.add(key, points, all?.msLeft);
        return all && all.spent >= own.spent ? all : own;
      },
    };
  };

/** How long it may take until all streams have looked for what they may have missed. */
const catchUpMs = 1000;

/** By the Redis at `redisUrl`, where there is one. */
export async function createShared(
  redisUrl: string | undefined,
  log: FastifyBaseLogger,
): Promise<Shared> {
  if (redisUrl === undefined) return shareNothing();
  const instance = randomUUID();
  const local = createWakeUps();
  const redis = await connectRedis({
    url: redisUrl,
    log,
    channel: 'typedo:wake-ups',
    onMessage(message) {
      const [from, to] = message.split(' ');
      const owner = ownerIdSchema.safeParse(to);
      if (owner.success && from !== instance) local.wake(owner.data);
    },
    onGap: () => local.wakeAll(catchUpMs),
  });
  return {
    createCounter: countIn(redis),
    wakeUps: {
      wake(ownerId) {
        local.wake(ownerId);
        redis.publish(`${instance} ${ownerId}`);
      },
      onWake: (ownerId, listener) => local.onWake(ownerId, listener),
    },
    close: () => redis.close(),
  };
}
