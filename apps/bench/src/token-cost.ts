import { createVerifier } from '@typedo/auth';
import { type Data, issuer } from './data.ts';
import { median } from './statistics.ts';

/** What verifying an access token costs, in µs: the first time it is seen, and from then on. */
export async function tokenCost(data: Data): Promise<{ firstUs: number; againUs: number }> {
  const db = {
    // The owner's row is what it costs to know a user, not to verify a token.
    ownerOf: async () => ({ id: 'owner', createdAt: new Date(0) }),
    endedCredentials: async () => [],
  };
  const verify = createVerifier({
    db: db as unknown as Parameters<typeof createVerifier>[0]['db'],
    baseUrl: issuer,
    publicKeys: async () => ({ keys: [{ ...data.publicKey, kid: data.kid, alg: 'EdDSA' }] }),
    trustedIssuers: [],
  });
  const [person] = data.readers;
  if (!person) throw new Error('There is nobody to sign a token for.');
  const tokens = await Promise.all(
    Array.from({ length: 3000 }, (_, n) =>
      data.sign({ ...person, ownerId: `${person.ownerId}${n}` }),
    ),
  );
  const each = async (): Promise<number[]> => {
    const times: number[] = [];
    for (const token of tokens) {
      const startedAt = performance.now();
      await verify(token);
      times.push((performance.now() - startedAt) * 1000);
    }
    return times;
  };
  // Behind the first thousand the code is compiled.
  const firstUs = median((await each()).slice(1000));
  await each();
  return { firstUs, againUs: median(await each()) };
}
