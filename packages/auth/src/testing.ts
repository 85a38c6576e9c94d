import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { onTestFinished, vi } from 'vitest';
import type { TrustedIssuer } from './verifier.ts';

/** Another identity provider, which serves its keys on a real port. */
export interface TestIssuer extends AsyncDisposable {
  trusted: TrustedIssuer;
  /** An access token; `ageSeconds` is how long ago it was issued. */
  sign(claims: JWTPayload, ageSeconds?: number): Promise<string>;
}

export async function startTestIssuer(): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwks = JSON.stringify({
    keys: [{ ...(await exportJWK(publicKey)), kid: 'first', alg: 'ES256' }],
  });
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(jwks);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    trusted: { issuer, audience: 'typedo', jwksUrl: `${issuer}/jwks` },
    sign(claims, ageSeconds = 0) {
      const now = Math.floor(Date.now() / 1000) - ageSeconds;
      return new SignJWT({ iss: issuer, aud: 'typedo', iat: now, exp: now + 3600, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'first' })
        .sign(privateKey);
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Has it be so many milliseconds later for all that measures time in this process, while a test runs. */
export function passTime(ms: number): void {
  const now = performance.now.bind(performance);
  const later = vi.spyOn(performance, 'now').mockImplementation(() => now() + ms);
  onTestFinished(() => later.mockRestore());
}
