import type { Manifest } from '@typedo/contract';
import superjson, { type SuperJSONResult } from 'superjson';
import { send, trpcRequest } from '../../apps/server/test/requests.ts';
import type { Markers, Random } from './markers.ts';

/** Someone whose every text and id has their marker in it. */
export interface User {
  name: string;
  marker: string;
  /** Who they are to the database. */
  ownerId: string;
  subject: string;
  session: string;
  jwt: string;
  /** Of their own, as limits on addresses see it. */
  headers: Record<string, string>;
  /** What they have, by noun. */
  own: Map<string, string[]>;
}

/** Calls a procedure as a user. @throws when it is refused */
export type CallAs = (
  user: User,
  path: string,
  input?: unknown,
) => Promise<Record<string, unknown>>;

export const callerOf =
  (url: string, { procedures }: Manifest): CallAs =>
  async (user, path, input) => {
    const procedure = procedures.find((one) => one.path === path);
    if (!procedure) throw new Error(`There is no ${path}.`);
    const response = await send(url, user.jwt, trpcRequest({ procedure, input }), user.headers);
    const answer = (await response.json()) as { result?: { data: SuperJSONResult } };
    if (!answer.result) throw new Error(`${path} of ${user.name}: ${JSON.stringify(answer)}`);
    return superjson.deserialize(answer.result.data);
  };

const json = async (response: Response): Promise<Record<string, unknown>> => {
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
};

/** A new user of the service, signed in. */
export async function newUser(
  url: string,
  name: string,
  { markers, random, call }: { markers: Markers; random: Random; call: CallAs },
): Promise<User> {
  const marker = markers.create(name, random);
  const octets = [10, ...Buffer.from(marker, 'hex').subarray(0, 3)];
  const headers = { 'x-forwarded-for': octets.join('.') };
  const answer = await json(
    await fetch(`${url}/api/auth/sign-up/email`, {
      method: 'POST',
      headers: { ...headers, origin: url, 'content-type': 'application/json' },
      body: JSON.stringify({
        name: `Name of ${marker}`,
        email: `${marker}@example.com`,
        password: `password of ${marker}`,
      }),
    }),
  );
  const session = String(answer.token);
  const authorization = `Bearer ${session}`;
  const token = await fetch(`${url}/api/auth/token`, { headers: { ...headers, authorization } });
  const { token: jwt } = await json(token);
  const { id: subject } = answer.user as { id: string };
  const user = { name, marker, ownerId: '', subject, session, jwt: String(jwt), headers };
  const complete: User = { ...user, own: new Map() };
  complete.ownerId = String((await call(complete, 'account.me')).id);
  markers.add(name, complete.ownerId);
  return complete;
}
