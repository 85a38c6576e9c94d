import type { Socket } from 'node:net';

/** How long a client that is still sending has for its answer, in ms. */
const lingerMs = 2000;

/**
 * Lets the client read its answer before the connection is closed under what it still sends, which
 * is not read: a socket that is closed with something unread is reset, and the answer may be lost
 * with it. Node has no such end of its own; reading on, as it does, would take a buffer for every
 * piece, and V8 collects all it holds when these come to 64 MB.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
export function lingerWhenClosing(socket: Socket): void {
  socket.destroySoon = () => {
    socket.end();
    // Not before Node, which would read the rest now, has begun to.
    setImmediate(() => socket.pause());
    setTimeout(() => socket.destroy(), lingerMs).unref();
  };
}
