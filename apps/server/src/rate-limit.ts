import { CatalogueError } from '@typedo/contract';
import type { FastifyReply } from 'fastify';
import ipaddr from 'ipaddr.js';

export interface LimitRule {
  /** What the answer's headers call it. */
  name: string;
  quota: number;
  windowSeconds: number;
}

/** How a key stands in its window. */
export interface Count {
  spent: number;
  msLeft: number;
}

/** Where a rule's counts are kept. */
export interface Counter {
  /**
   * Adds points, of which negative ones are given back, in a window that begins with the first, and ends
   * within `msLeft` where that is known from elsewhere.
   */
  add(key: string, points: number, msLeft?: number): Promise<Count> | Count;
}
export type CreateCounter = (rule: LimitRule) => Counter;

/** About 200 bytes each. Beyond it the window that ends first is forgotten. */
const maxWindows = 100_000;

/** Counts for this process alone. */
export const countInMemory: CreateCounter = ({ windowSeconds }) => {
  // In the order in which they began, and nearly in that in which they end.
  const windows = new Map<string, { spent: number; endsAt: number }>();
  const forgetPast = (now: number): void => {
    for (const [key, { endsAt }] of windows) {
      if (endsAt > now) break;
      windows.delete(key);
    }
  };
  const begin = (key: string, now: number) => {
    const [first] = windows.size < maxWindows ? [] : windows.keys();
    if (first !== undefined) windows.delete(first);
    const window = { spent: 0, endsAt: now + windowSeconds * 1000 };
    windows.delete(key);
    windows.set(key, window);
    return window;
  };
  return {
    add(key, points, msLeft = Infinity) {
      const now = performance.now();
      forgetPast(now);
      const known = windows.get(key);
      const window = known && known.endsAt > now ? known : begin(key, now);
      window.endsAt = Math.min(window.endsAt, now + msLeft);
      window.spent += points;
      return { spent: window.spent, msLeft: window.endsAt - now };
    },
  };
};

export interface Limit {
  /** Counts against `key`, and tells the answer's headers. @throws RATE_LIMITED */
  spend(key: string, reply: FastifyReply, points?: number): Promise<void>;
  /** Takes back what turned out not to count. */
  giveBack(key: string): Promise<void>;
}

export interface RateLimitOptions {
  callsPerMinute: number;
  attemptsPerMinute: number;
  /** Hears which limit refused a call or a request, by the name of its rule. */
  onHit?: (limit: string, reply: FastifyReply) => void;
}

/**
 * A window begins with the first that counts in it, so that within a moment at its end twice the
 * quota can pass.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/11/ for the headers
 */
const createLimit = (
  rule: LimitRule,
  createCounter: CreateCounter,
  onHit: RateLimitOptions['onHit'],
): Limit => {
  const { name, quota, windowSeconds } = rule;
  const counter = createCounter(rule);
  const policy = `"${name}";q=${quota};w=${windowSeconds}`;

  return {
    async spend(key, reply, points = 1) {
      // What weighs more than a whole quota takes all of it.
      const { spent, msLeft } = await counter.add(key, Math.min(points, quota));
      const seconds = Math.max(1, Math.ceil(msLeft / 1000));
      reply.header('ratelimit-policy', policy);
      reply.header('ratelimit', `"${name}";r=${Math.max(0, quota - spent)};t=${seconds}`);
      if (spent <= quota) return;
      reply.header('retry-after', seconds);
      onHit?.(name, reply);
      const message = `There may be ${quota} in ${windowSeconds} seconds: wait ${seconds} seconds.`;
      throw new CatalogueError('RATE_LIMITED', { message, retryAfterSeconds: seconds });
    },
    async giveBack(key) {
      await counter.add(key, -1);
    },
  };
};

/**
 * Every limit on how often, by whichever face, and however many calls a request carries: calls of a
 * user, calls without one by their address, and what `/api/auth` is asked for by an address and
 * about an account.
 */
export type RateLimits = ReturnType<typeof createRateLimits>;

export const createRateLimits = (
  options: RateLimitOptions,
  createCounter: CreateCounter = countInMemory,
) => {
  const { callsPerMinute, attemptsPerMinute, onHit } = options;
  const limit = (name: string, quota: number, windowSeconds = 60) =>
    createLimit({ name, quota, windowSeconds }, createCounter, onHit);
  return {
    user: limit('user', callsPerMinute),
    address: limit('address', callsPerMinute),
    account: limit('account', attemptsPerMinute, 15 * 60),
    password: limit('password', attemptsPerMinute),
    session: limit('session', 10 * attemptsPerMinute),
    look: limit('look', 100 * attemptsPerMinute),
  };
};

/** Whom an address stands for: with IPv6 a network of /64, of which a customer has at least one. */
export function addressKey(ip: string): string {
  if (!ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  return address instanceof ipaddr.IPv6
    ? `${address.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')}::/64`
    : address.toString();
}
