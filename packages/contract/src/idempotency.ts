/** Mutations that take no idempotency key, and why. They must not be sent again by themselves. */
const keyless: Record<string, string> = {
  'account.delete': 'The key would go with the account.',
  'sync.push': 'Each of its commands has a key of its own.',
  'tokens.create': 'Its answer is a secret, which is kept nowhere.',
};

/** Whether calls of a procedure take an idempotency key: all mutations do, but for a few. */
export const takesKey = ({ path, kind }: { path: string; kind: string }): boolean =>
  kind === 'mutation' && !Object.hasOwn(keyless, path);
