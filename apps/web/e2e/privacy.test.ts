import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { journey, newUser, type SiteUser } from './harness.ts';

const rounds = Number(process.env.E2E_ROUNDS || 100);
const atOnce = 8;

/** Ways to ask for a page: whole, its data, and what a link fetches before it is followed. */
const ways: Record<string, string>[] = [
  {},
  { rsc: '1' },
  { rsc: '1', 'next-router-prefetch': '1' },
  { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' },
];

/** All answers on the way to a page, as text with their headers. */
const ask = async (url: string, headers: Record<string, string>) => {
  const answers: { text: string; status: number; cacheControl: string | null }[] = [];
  for (let next: string | undefined = url; next && answers.length < 5;) {
    const answer: Response = await fetch(next, { headers, redirect: 'manual' });
    const text = JSON.stringify([...answer.headers]) + (await answer.text());
    const cacheControl = answer.headers.get('cache-control');
    answers.push({ text, status: answer.status, cacheControl });
    const location = answer.headers.get('location');
    next = location ? new URL(location, next).href : undefined;
  }
  return answers;
};

journey(
  'of two users and nobody, asking in turns, none ever gets a byte of another',
  { timeout: 300_000 + rounds * 500 },
  async ({ site }) => {
    const marked = async (marker: string) => {
      const user = await newUser(site, `${marker} Example`);
      const list = await user.client.lists.create.mutate({ name: `${marker} list` });
      await user.client.tasks.create.mutate({ title: `${marker} inbox` });
      await user.client.tasks.create.mutate({ title: `${marker} listed`, listId: list.id });
      return { user, marker, list };
    };
    const [ann, bob] = await Promise.all([
      marked(`ann-${randomUUID()}`),
      marked(`bob-${randomUUID()}`),
    ]);
    const privateText = [ann, bob].flatMap(({ user, marker, list }) => [
      { of: user, text: marker },
      { of: user, text: user.email },
      { of: user, text: list.id },
      { of: user, text: user.cookie.split('=')[1]?.slice(0, 20) ?? '' },
    ]);
    const pages = ['/', '/inbox', '/today', '/completed', '/trash', '/history', '/settings'];
    const askers: (SiteUser | undefined)[] = [ann.user, bob.user, undefined];

    let ownSeen = 0;
    const crossed: string[] = [];
    const round = async (n: number) => {
      for (const asker of askers) {
        const path = pages[n % pages.length] ?? '/';
        const way = ways[Math.trunc(n / pages.length) % ways.length] ?? {};
        const headers = { ...way, ...(asker && { cookie: asker.cookie }) };
        for (const { text, status, cacheControl } of await ask(`${site.url}${path}`, headers)) {
          const where = `${asker?.name ?? 'nobody'} at ${path} by ${JSON.stringify(way)}: ${status}`;
          for (const secret of privateText) {
            const isSeen = text.includes(secret.text);
            if (isSeen && secret.of === asker) ownSeen += 1;
            else if (isSeen) crossed.push(`${where} shows ${secret.text}`);
          }
          if (!/\bno-store\b/.test(cacheControl ?? '')) crossed.push(`${where} is ${cacheControl}`);
          if (status >= 400) crossed.push(`${where} fails`);
        }
      }
    };
    let next = 0;
    const worker = async () => {
      while (next < rounds) await round(next++);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));

    // Who knows the address of another's list learns nothing by it.
    for (const asker of [ann.user, undefined]) {
      for (const way of ways) {
        const headers = { ...way, ...(asker && { cookie: asker.cookie }) };
        for (const { text } of await ask(`${site.url}/lists/${bob.list.id}`, headers)) {
          if (text.includes(bob.marker))
            crossed.push(`${asker?.name ?? 'nobody'} sees a list of bob`);
        }
      }
    }
    expect([...new Set(crossed)]).toEqual([]);
    expect(ownSeen).toBeGreaterThan(rounds);
  },
);
