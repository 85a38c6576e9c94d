import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createClient, type TypedoClient } from '@typedo/client';
import type { BrowserContext, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { axeInBothThemes, launchBrowser, watch } from '../../../scripts/testing/browser.ts';
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
  /**
   * Takes what a journey provokes by intention, such as the 401 of a wrong password, off the list,
   * and says what that was.
   */
  forgive(pattern: RegExp): string[];
}

/** A new user by way of the web app, without a browser. */
export async function newUser({ url }: Pick<Site, 'url'>, name = 'Ann Example'): Promise<SiteUser> {
  const credentials = { email: `${randomUUID()}@example.com`, password: 'correct horse' };
  const answer = await fetch(`${url}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ name, ...credentials }),
  });
  expect(answer.status, await answer.text()).toBe(200);
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
    const browser = await launchBrowser();
    onCleanup(() => browser.close());
    return browser;
  })
  .extend('found', async (): Promise<string[]> => [])
  .extend('problems', async ({ found }): Promise<Problems> => {
    return {
      forgive(pattern) {
        const { kept = [], forgiven = [] } = Object.groupBy(found, (problem) =>
          pattern.test(problem) ? 'forgiven' : 'kept',
        );
        found.splice(0, found.length, ...kept);
        return forgiven;
      },
    };
  })
  .extend('openDevice', async ({ browser, site, found }, { onCleanup }) => {
    const devices: BrowserContext[] = [];
    onCleanup(async () => {
      for (const device of devices) await device.close();
      expect(found, 'what the browser complained of').toEqual([]);
    });
    return async (): Promise<BrowserContext> => {
      const device = await browser.newContext({
        baseURL: site.url,
        locale: 'en-GB',
        timezoneId: 'Europe/Berlin',
        reducedMotion: 'reduce',
        viewport: { width: 1280, height: 800 },
      });
      devices.push(device);
      await watch(device, site.url, found);
      return device;
    };
  })
  .extend('context', ({ openDevice }) => openDevice())
  .extend('page', ({ context }) => context.newPage());

/** Has the page keep what it offers for ten seconds, such as Undo, until the test comes to it. */
export async function keepOffers(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const start = globalThis.setTimeout;
    const startLong = (work: () => void, ms = 0) => start(work, ms < 10_000 ? ms : 2 ** 31 - 1);
    globalThis.setTimeout = startLong as typeof setTimeout;
  });
}

/** Finds nothing wrong with the page by axe in either theme. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await axeInBothThemes(page), `axe on ${page.url()}`).toEqual([]);
}

/** Keeps what the page looks like now in `screenshots/`, which git ignores. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(import.meta.dirname, 'screenshots', `${name}.png`) });
}
