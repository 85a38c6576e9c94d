import fastifyPlugin from 'fastify-plugin';
import type { AppServices } from '../app.ts';

/** For how long at most calls wait for connections to be accepted, and then connections for calls. */
const longestMs = 100;

/**
 * Begins no call while connections are coming: the event loop accepts one each time round, and where
 * it does something for a thousand calls in between, the last of a thousand who connect at once waits
 * for seconds.
 *
 * @see https://github.com/libuv/libuv/pull/3696
 */
export const acceptFirst = fastifyPlugin<Pick<AppServices, 'callQueue'>>(
  async (app, { callQueue }) => {
    let hasCome = false;
    let endsAt = 0;
    const lookAgain = () => {
      if (hasCome && performance.now() < endsAt) {
        hasCome = false;
        setImmediate(lookAgain);
        return;
      }
      if (!hasCome) endsAt = 0;
      callQueue.resume();
    };
    app.server.on('connection', () => {
      hasCome = true;
      const now = performance.now();
      if (now < endsAt + longestMs) return;
      endsAt = now + longestMs;
      callQueue.hold();
      setImmediate(lookAgain);
    });
  },
);
