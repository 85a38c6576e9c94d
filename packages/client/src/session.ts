/** A signed-in session, to be given to `createClient` as `auth` and kept as secret as a password. */
export interface Session {
  session: string;
}

export interface Credentials {
  email: string;
  password: string;
}

/** Why signing up, in or out was refused: `code` is better-auth's, such as `INVALID_EMAIL_OR_PASSWORD`. */
export class SignInError extends Error {
  override readonly name = 'SignInError';
  readonly code: string;
  readonly status: number;

  constructor(message: string, code: string, status: number) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const post = async (url: string, path: string, body: object, session?: string) => {
  const response = await fetch(`${url.replace(/\/+$/, '')}/api/auth${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      // Browsers set their own; Node sets none, and signing in needs one.
      origin: new URL(url).origin,
      ...(session && { authorization: `Bearer ${session}` }),
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const answer = (
    response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : {}
  ) as {
    token?: string;
    message?: string;
    detail?: string;
    code?: string;
  };
  if (response.ok) return answer;
  throw new SignInError(
    answer.message ?? answer.detail ?? `The service answered with HTTP ${response.status}.`,
    answer.code ?? 'UNKNOWN',
    response.status,
  );
};

const toSession = ({ token }: { token?: string }): Session => {
  if (!token) throw new SignInError('The service gave no session.', 'NO_SESSION', 200);
  return { session: token };
};

/** Makes a user and signs them in. @throws SignInError */
export const signUp = async (url: string, user: Credentials & { name: string }): Promise<Session> =>
  toSession(await post(url, '/sign-up/email', user));

/** Signs a user in: for scripts and tools, which have no cookies. @throws SignInError */
export const signIn = async (url: string, credentials: Credentials): Promise<Session> =>
  toSession(await post(url, '/sign-in/email', credentials));

/** Ends a session, and within seconds every access token that came of it. @throws SignInError */
export const signOut = async (url: string, { session }: Session): Promise<void> => {
  await post(url, '/sign-out', {}, session);
};
