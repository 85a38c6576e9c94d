/**
 * How a client proves who its user is. All but `jwt` are exchanged for access tokens, which are
 * renewed before they end.
 */
export type ClientAuth =
  /** In a browser: the page's own cookies. */
  | 'cookies'
  /** On a web server: the `Cookie` header of the request that it serves. */
  | { cookie: string }
  /** In scripts and tools: a personal token, which begins with `typedo_`. */
  | { token: string }
  /** In scripts and tools that sign in by password: what `signIn` gives. */
  | { session: string }
  /** An access token of any issuer that the service trusts, asked for whenever one is needed. */
  | { jwt: () => string | Promise<string> };

export interface TokenSource {
  /** The access token to send now; undefined when there is no session, which the service will say. */
  get(): Promise<string | undefined>;
  /** Lets go of a token that was refused. */
  forget(): void;
}

type Fetch = typeof fetch;

const renewBeforeEndMs = 60_000;

/** When a JWT ends, in milliseconds since 1970; it is the service that verifies it. */
const endOf = (jwt: string): number => {
  const payload = jwt.split('.')[1] ?? '';
  const json = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
  const { exp } = JSON.parse(json) as { exp?: number };
  return (exp ?? 0) * 1000;
};

const exchange = async (
  url: string,
  auth: Exclude<ClientAuth, { jwt: unknown }>,
  fetcher: Fetch,
): Promise<string | undefined> => {
  const headers = new Headers();
  let path = '/api/auth/token';
  if (auth !== 'cookies' && 'cookie' in auth) {
    headers.set('cookie', auth.cookie);
    // A session that is prolonged gets a new cookie, which would not reach its browser from here.
    path += '?disableRefresh=true';
  }
  if (auth !== 'cookies' && !('cookie' in auth)) {
    const secret = 'token' in auth ? auth.token : auth.session;
    headers.set('authorization', `Bearer ${secret}`);
  }
  const response = await fetcher(`${url}${path}`, { headers, credentials: 'include' });
  if (response.status === 401) return undefined;
  if (!response.ok) throw new Error(`No access token could be had: HTTP ${response.status}.`);
  const { token } = (await response.json()) as { token: string };
  return token;
};

/** Keeps one access token fresh, and fetches a new one once however many calls wait for it. */
export function createTokenSource(url: string, auth: ClientAuth, fetcher: Fetch): TokenSource {
  if (auth !== 'cookies' && 'jwt' in auth) return { get: async () => auth.jwt(), forget() {} };

  let token: string | undefined;
  let renewAt = 0;
  let renewing: Promise<string | undefined> | undefined;
  const renew = async () => {
    token = await exchange(url, auth, fetcher);
    renewAt = token ? endOf(token) - renewBeforeEndMs : 0;
    return token;
  };
  return {
    async get() {
      if (token && Date.now() < renewAt) return token;
      renewing ??= renew().finally(() => {
        renewing = undefined;
      });
      return renewing;
    },
    forget() {
      token = undefined;
    },
  };
}
