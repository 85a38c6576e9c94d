import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createClient, type TypedoClient } from '@typedo/client';
import type axeCore from 'axe-core';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../server/test/harness.ts';
import { startWebServer } from './web-server.ts';

/** The API and the web app in their production builds, on a PostgreSQL of the tests. */
export interface Site {
  /** Where the web app is. */
  url: string;
  /** Ends the API, as a failing machine does; the web app stays. */
  stopApi(): Promise<void>;
  /** Starts it again where it was. */
  startApi(): Promise<void>;
}

export interface SiteUser {
  name: string;
  email: string;
  password: string;
  /** The `Cookie` header of the user's browser. */
  cookie: string;
  client: TypedoClient;
}

/** What is wrong on any page, whatever the journey was about. */
interface Problems {
  /** Takes what a journey provokes by intention, such as the 401 of a wrong password, off the list. */
  forgive(pattern: RegExp): void;
}

/** A new user by way of the web app, without a browser. */
export async function newUser({ url }: Pick<Site, 'url'>, name = 'Ann Example'): Promise<SiteUser> {
  const credentials = { email: `${randomUUID()}@example.com`, password: 'correct horse' };
  const answer = await fetch(`${url}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ name, ...credentials }),
  });
  expect(answer.status).toBe(200);
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  return { name, ...credentials, cookie, client: createClient({ url, auth: { cookie } }) };
}

/** Opens the user's browser: the pages of this context are signed in. */
export async function signIn(
  context: BrowserContext,
  { url }: Pick<Site, 'url'>,
  { cookie }: Pick<SiteUser, 'cookie'>,
): Promise<void> {
  const pairs = cookie.split('; ').map((pair) => pair.split(/=(.*)/s));
  await context.addCookies(
    pairs.map(([name = '', value = '']) => ({ name, value, url, httpOnly: true })),
  );
}

const watch = async (context: BrowserContext, { url }: Site, found: string[]): Promise<void> => {
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`CSP violation: ${violatedDirective} ${blockedURI}`),
    );
  });
  context.on('console', (message) => {
    if (message.type() !== 'error') return;
    found.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => found.push(`uncaught: ${String(error.error())}`));
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    const isOurs = origin === url || protocol === 'data:' || protocol === 'blob:';
    if (!isOurs) found.push(`outside request: ${request.url()}`);
  });
};

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

/** A test in a browser of its own user, which fails on whatever the browser complains of. */
export const journey = test
  .extend('site', { scope: 'file' }, async ({}, { onCleanup }): Promise<Site> => {
    const options = { trustedProxies: ['127.0.0.1'] };
    let api: TestApp | undefined = await startTestApp(options);
    const port = Number(new URL(api.url).port);
    const stopApi = async () => {
      await api?.close();
      api = undefined;
    };
    const web = await startWebServer(api.url);
    onCleanup(async () => {
      // Before the API, which waits for the connections that the web server keeps.
      await web.stop();
      await stopApi();
    });
    return {
      url: web.url,
      stopApi,
      async startApi() {
        api ??= await startTestApp({ ...options, port });
      },
    };
  })
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
    const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
    const browser = await chromium.launch({ executablePath, args });
    onCleanup(() => browser.close());
    return browser;
  })
  .extend('found', async (): Promise<string[]> => [])
  .extend('problems', async ({ found }): Promise<Problems> => {
    return {
      forgive(pattern) {
        const kept = found.filter((problem) => !pattern.test(problem));
        found.splice(0, found.length, ...kept);
      },
    };
  })
  .extend('context', async ({ browser, site, found }, { onCleanup }) => {
    const context = await browser.newContext({
      baseURL: site.url,
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
      reducedMotion: 'reduce',
      viewport: { width: 1280, height: 800 },
    });
    context.setDefaultTimeout(10_000);
    await watch(context, site, found);
    onCleanup(async () => {
      await context.close();
      expect(found, 'what the browser complained of').toEqual([]);
    });
    return context;
  })
  .extend('page', ({ context }) => context.newPage());

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);

/** What axe finds wrong on the page as it is, a line each. */
export async function axe(page: Page): Promise<string[]> {
  // The debugger's way in, which a page's CSP has no say in.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axeCore }).axe.run(),
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) =>
      [id, help, target.join(' '), failureSummary].join(' | '),
    ),
  );
}

/** Finds nothing wrong with the page by axe in either theme. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await axe(page), `axe on ${page.url()}, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null });
}

/** Keeps what the page looks like now in `screenshots/`, which git ignores. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(import.meta.dirname, 'screenshots', `${name}.png`) });
}
