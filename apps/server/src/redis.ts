import type * as RedisLibrary from '@redis/client';
import type { FastifyBaseLogger } from 'fastify';
import { z } from 'zod';
import type { Count } from './rate-limit.ts';

/** How long an answer is waited for, and how long until Redis is there. */
const patienceMs = 1000;
const openMs = 1000;
/** How often it is looked whether Redis is there, and without it messages are taken for missed. */
const lookMs = 1000;
const gapMs = 5000;

/** Adds points to a key's window, which begins with the first: the points, how long it lasts. */
const countScript = `
local spent = redis.call('INCRBY', KEYS[1], ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  left = tonumber(ARGV[2])
  redis.call('PEXPIRE', KEYS[1], left)
end
return {spent, left}`;
const countAnswer = z.tuple([z.int(), z.int().nonnegative()]);

/** One that subscribes may do little else, so that there are two. */
const createLink = ({ createClient }: typeof RedisLibrary, url: string) => {
  const create = () =>
    createClient({
      url,
      socket: { reconnectStrategy: false },
      // Of the library's own, which end only what was not sent yet.
      commandOptions: { timeout: 0 },
      // By which a server may send its clients elsewhere.
      maintNotifications: 'disabled',
    });
  return { commands: create(), subscriber: create() };
};
type Link = ReturnType<typeof createLink>;

export interface RedisOptions {
  url: string;
  log: FastifyBaseLogger;
  channel: string;
  onMessage: (message: string) => void;
  /** Messages may have been missed. */
  onGap: () => void;
}

/** A Redis that may be lost at any time, which none of these throws for. */
export interface Redis {
  /** @returns undefined when Redis is lost, or is by this */
  count(key: string, points: number, windowMs: number): Promise<Count | undefined>;
  publish(message: string): void;
  close(): Promise<void>;
}

const within = async <T>(ms: number, answer: Promise<T>): Promise<T> => {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(new Error(`There was no answer in ${ms} ms.`));
  // In two halves, and after what has come by then: when this process pauses, Redis does not.
  let timer = setTimeout(() => {
    timer = setTimeout(() => setImmediate(giveUp), ms / 2);
  }, ms / 2);
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
};

/**
 * Connects to Redis, and again whenever it is lost. It is lost with the first answer that is late or
 * wrong: then both connections go, with whatever else may be under way on them, and nothing is asked
 * for a second.
 */
export async function connectRedis(options: RedisOptions): Promise<Redis> {
  const { url, log, channel, onMessage, onGap } = options;
  const library = await import('@redis/client');
  let link: Link | undefined;
  let isLost = false;
  let gapAt = -Infinity;

  const count = async (
    { commands }: Link,
    key: string,
    points: number,
    windowMs: number,
  ): Promise<Count> => {
    const keysAndArguments = { keys: [key], arguments: [`${points}`, `${windowMs}`] };
    const answer = await within(patienceMs, commands.eval(countScript, keysAndArguments));
    const { success, data } = countAnswer.safeParse(answer);
    if (!success) throw new Error('The answer was no count.');
    return { spent: data[0], msLeft: data[1] };
  };
  const check = async (checked: Link): Promise<void> => {
    const [echo] = await Promise.all([
      within(patienceMs, checked.subscriber.ping(channel)),
      count(checked, 'typedo:check', 0, lookMs),
    ]);
    if (echo !== channel) throw new Error('The answer was to another question.');
  };

  const miss = (error: unknown): void => {
    // Redis quotes in its errors what it was asked, be it a user's or a password.
    const err = error instanceof library.ErrorReply ? error.message.split(' ', 1)[0] : error;
    if (isLost) log.debug({ err }, 'Redis is still lost');
    else log.warn({ err }, 'lost Redis: limits count at each instance, streams may hear late');
    isLost = true;
  };
  const destroy = ({ commands, subscriber }: Link): void => {
    commands.destroy();
    subscriber.destroy();
  };
  const lose = (lost: Link, error: unknown): void => {
    destroy(lost);
    if (link !== lost) return;
    link = undefined;
    miss(error);
    timer.refresh();
  };
  const open = async (): Promise<Link> => {
    const opened = createLink(library, url);
    for (const client of [opened.commands, opened.subscriber]) {
      client.on('error', (error) => lose(opened, error));
    }
    const subscribe = async () => {
      await opened.subscriber.connect();
      await opened.subscriber.subscribe(channel, onMessage);
    };
    try {
      await within(openMs, Promise.all([opened.commands.connect(), subscribe()]));
      await check(opened);
    } catch (error) {
      destroy(opened);
      throw error;
    }
    return opened;
  };

  const look = async (): Promise<void> => {
    const current = link;
    if (current) return check(current).catch((error: unknown) => lose(current, error));
    try {
      link = await open();
      if (isLost) log.info('Redis is back');
      isLost = false;
      onGap();
    } catch (error) {
      miss(error);
      if (performance.now() - gapAt < gapMs) return;
      gapAt = performance.now();
      onGap();
    }
  };
  let looking: Promise<void> | undefined;
  const lookOnce = (): Promise<void> =>
    (looking ??= look().finally(() => {
      looking = undefined;
    }));
  const timer = setInterval(() => void lookOnce(), lookMs);
  await lookOnce();

  return {
    async count(key, points, windowMs) {
      const asked = link;
      if (!asked) return undefined;
      try {
        return await count(asked, key, points, windowMs);
      } catch (error) {
        lose(asked, error);
        return undefined;
      }
    },
    publish(message) {
      const asked = link;
      asked?.commands.publish(channel, message).catch((error: unknown) => lose(asked, error));
    },
    async close() {
      await looking;
      clearInterval(timer);
      const last = link;
      link = undefined;
      if (!last) return;
      // What was published last is still to be sent.
      await within(patienceMs, last.commands.close()).catch(() => {});
      destroy(last);
    },
  };
}
