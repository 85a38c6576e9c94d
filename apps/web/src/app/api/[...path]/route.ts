import type { NextRequest } from 'next/server';
import { apiUrl } from '../../../env.ts';

/** Of one connection, not of the message that crosses it. */
const hopByHop = ['connection', 'content-length', 'host', 'keep-alive', 'transfer-encoding'];

/** Passes a call of the browser on to the API, and its answer back as it comes. */
async function pass(request: NextRequest): Promise<Response> {
  const { pathname, search } = request.nextUrl;
  const headers = new Headers(request.headers);
  for (const name of hopByHop) headers.delete(name);
  const answer = await fetch(`${apiUrl}${pathname}${search}`, {
    method: request.method,
    headers,
    body: request.body,
    // A body that is read while it is sent on; fetch's types do not know the option yet.
    ...(request.body && { duplex: 'half' }),
    redirect: 'manual',
    cache: 'no-store',
    signal: request.signal,
  }).catch(() => undefined);
  if (!answer) return Response.json({ message: 'The service cannot be reached.' }, { status: 503 });
  const answerHeaders = new Headers(answer.headers);
  // fetch has unpacked it already.
  answerHeaders.delete('content-encoding');
  answerHeaders.delete('content-length');
  return new Response(answer.body, { status: answer.status, headers: answerHeaders });
}

export { pass as DELETE, pass as GET, pass as PATCH, pass as POST, pass as PUT };
