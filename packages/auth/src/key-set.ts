import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** One reload a second at most, however many tokens name a key that nobody has. */
const cooldownMs = 1000;

/**
 * Keys that are read again when a token names one that is not among them, so that no caller notices
 * a rotation: who comes during the cool-down waits for its end.
 */
export function reloadingKeySet(load: () => Promise<JSONWebKeySet>): JWTVerifyGetKey {
  let keys: JWTVerifyGetKey | undefined;
  let loadedAt = -Infinity;
  let loading: Promise<JWTVerifyGetKey> | undefined;

  const reload = async (): Promise<JWTVerifyGetKey> => {
    const wait = loadedAt + cooldownMs - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    loadedAt = performance.now();
    keys = createLocalJWKSet(await load());
    return keys;
  };
  const reloadOnce = (): Promise<JWTVerifyGetKey> => {
    loading ??= reload().finally(() => {
      loading = undefined;
    });
    return loading;
  };

  return async (header, token) => {
    try {
      return await (keys ?? (await reloadOnce()))(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return (await reloadOnce())(header, token);
    }
  };
}
