import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@typedo/client';
import type { BrowserContext, Page, Request } from 'playwright-core';
import { expect } from 'vitest';
import {
  expectAccessible,
  journey,
  keepOffers,
  newUser,
  screenshot,
  signIn,
  type Site,
  type SiteUser,
} from './harness.ts';

const cli = join(import.meta.dirname, '../../cli/src/main.ts');

/** The user on another device, in a session of its own. */
const signInAgain = async (context: BrowserContext, { url }: Site, user: SiteUser) => {
  const answer = await fetch(`${url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email: user.email, password: user.password }),
  });
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  await signIn(context, { url }, { cookie });
};

const row = (page: Page, title: string) => page.getByRole('button', { name: title, exact: true });

/** Opens a page and waits until it follows what is changed, by itself or by another window. */
const openLive = async (page: Page, path: string, user: SiteUser): Promise<void> => {
  await page.goto(path);
  const title = `Made for ${randomUUID()}`;
  const { id } = await user.client.tasks.create.mutate({ title });
  await row(page, title).waitFor();
  await user.client.tasks.delete.mutate({ id });
  await row(page, title).waitFor({ state: 'detached' });
};

/** Tells how many windows of a browser follow the service by themselves. */
const countStreams = (context: BrowserContext): (() => number) => {
  const streams = new Set<Request>();
  context.on('request', (request) => {
    if (request.url().includes('sync.changes')) streams.add(request);
  });
  context.on('requestfinished', (request) => streams.delete(request));
  context.on('requestfailed', (request) => streams.delete(request));
  // Of a window that is closed, no end of its requests is told.
  return () => [...streams].filter((request) => !request.frame().page().isClosed()).length;
};

/** Does something and waits until it shows on each page; logs how long that took. */
const shows = async (
  what: string,
  work: () => Promise<unknown>,
  ...seen: (() => Promise<unknown>)[]
): Promise<void> => {
  await work();
  const before = performance.now();
  const times = await Promise.all(
    seen.map(async (look) => {
      await look();
      return `${Math.round(performance.now() - before)} ms`;
    }),
  );
  console.log(`${what} shows after ${times.join(', ')}`);
};

journey(
  'what is changed in one window, by the command line or over REST, shows in every other',
  async ({ page, context, openDevice, site, problems }) => {
    const user = await newUser(site);
    const stranger = await newUser(site);
    const phone = await openDevice();
    const strange = await openDevice();
    await signIn(context, site, user);
    await signInAgain(phone, site, user);
    await signIn(strange, site, stranger);
    const streams = countStreams(context);
    const window2 = await context.newPage();
    const other = await phone.newPage();
    const foreign = await strange.newPage();
    await openLive(page, '/inbox', user);
    await openLive(window2, '/inbox', user);
    await openLive(other, '/inbox', user);
    await openLive(foreign, '/inbox', stranger);
    // Two windows of one browser share one.
    await expect.poll(streams).toBe(1);
    const pages = [page, window2, other];
    const eachShows = (title: string) => pages.map((one) => () => row(one, title).waitFor());

    const add = page.getByLabel('Add a task to Inbox');
    await add.fill('Buy milk');
    await shows('a task added in a window', () => add.press('Enter'), ...eachShows('Buy milk'));
    await shows(
      'a task completed on another device',
      () => other.getByRole('checkbox', { name: 'Complete Buy milk' }).click(),
      ...pages.map((one) => () => row(one, 'Buy milk').waitFor({ state: 'detached' })),
    );

    const { token } = await user.client.tokens.create.mutate({
      name: 'Shell',
      scopes: ['tasks:write'],
      expiresAt: null,
    });
    const env = { ...process.env, TYPEDO_URL: site.url, TYPEDO_TOKEN: token };
    await shows(
      'a task added by the command line',
      () => promisify(execFile)(process.execPath, [cli, 'add', 'Pay the rent'], { env }),
      ...eachShows('Pay the rent'),
    );
    await shows(
      'a task added over REST',
      async () => {
        const answer = await fetch(`${site.url}/api/v1/tasks`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify({ title: 'Water the plants' }),
        });
        expect(answer.status).toBeLessThan(300);
      },
      ...eachShows('Water the plants'),
    );
    const { id } = await user.client.lists.create.mutate({ name: 'Home' });
    await user.client.tasks.create.mutate({ title: 'Clean the windows', listId: id });
    const home = (one: Page) => one.getByRole('link', { name: 'Home', exact: true });
    await home(other).click();
    await row(other, 'Clean the windows').waitFor();
    await shows(
      'a renamed list',
      () => user.client.lists.update.mutate({ id, name: 'House' }),
      () => other.getByRole('heading', { name: 'House' }).waitFor(),
      () => page.getByRole('link', { name: 'House' }).waitFor(),
    );
    await shows(
      'a deleted list',
      () => user.client.lists.delete.mutate({ id }),
      () => other.getByText('This list was deleted.').waitFor(),
      () => other.getByRole('link', { name: 'House' }).waitFor({ state: 'detached' }),
      () => page.getByRole('link', { name: 'House' }).waitFor({ state: 'detached' }),
    );
    expect(await row(other, 'Clean the windows').count()).toBe(0);
    await expectAccessible(other);
    await screenshot(other, 'list-deleted-elsewhere');
    await other.goto('/history');
    await other.getByText('Deleted list House').waitFor();

    // The window that follows for both is closed, and the other takes over.
    await page.close();
    await shows(
      'a task, once the window that led is closed,',
      () => user.client.tasks.create.mutate({ title: 'Call the dentist' }),
      () => row(window2, 'Call the dentist').waitFor(),
    );
    await expect.poll(streams).toBe(1);

    await site.stopApi();
    await site.startApi();
    await shows(
      'a task, once the service is back,',
      () => user.client.tasks.create.mutate({ title: 'Read a book' }),
      () => row(window2, 'Read a book').waitFor(),
      () => other.getByText('Made “Read a book”').waitFor(),
    );
    problems.forgive(/status of 503|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE/);
    expect(await foreign.locator('[data-task]').count()).toBe(0);
    expect(await foreign.getByRole('link', { name: /Ho(m|us)e/ }).count()).toBe(0);
  },
);

journey(
  'what the user is changing shows as they left it, and what others made of it once that is saved',
  async ({ page, context, site }) => {
    const user = await newUser(site);
    await signIn(context, site, user);
    const { tasks } = user.client;
    const { id } = await tasks.create.mutate({ title: 'Buy milk' });
    await openLive(page, '/inbox', user);
    const { promise: mayGo, resolve: letGo } = Promise.withResolvers<void>();
    await page.route('**/api/trpc/tasks.update*', async (route) => {
      // It is made, and its answer is long on its way.
      const response = await route.fetch();
      await mayGo;
      await route.fulfill({ response });
    });
    await row(page, 'Buy milk').click();
    const title = page.getByRole('form', { name: /^Edit/ }).getByLabel('Title');
    await title.fill('Buy oat milk');
    await title.press('Enter');
    await expect.poll(async () => (await tasks.get.query({ id })).title).toBe('Buy oat milk');
    await tasks.update.mutate({ id, title: 'Buy rye' });
    await tasks.create.mutate({ title: 'Something else' });
    await row(page, 'Something else').waitFor();
    expect(await row(page, 'Buy oat milk').count()).toBe(1);
    letGo();
    await row(page, 'Buy rye').waitFor();

    // An open editor shows it too, and keeps what is being typed.
    await page.unroute('**/api/trpc/tasks.update*');
    await row(page, 'Buy rye').click();
    const notes = page.getByRole('form', { name: /^Edit/ }).getByLabel('Notes');
    await notes.fill('Two loaves');
    await tasks.update.mutate({ id, title: 'Buy bread' });
    await row(page, 'Buy bread').waitFor();
    expect(await title.inputValue()).toBe('Buy bread');
    expect(await notes.inputValue()).toBe('Two loaves');
    await title.focus();
    await title.press('Enter');
    await expect
      .poll(async () => tasks.get.query({ id }))
      .toMatchObject({ title: 'Buy bread', notes: 'Two loaves' });
  },
);

journey(
  'a window that the browser has put to sleep keeps no other from what is new',
  async ({ page, context, site }) => {
    const user = await newUser(site);
    await signIn(context, site, user);
    await openLive(page, '/inbox', user);
    const debug = await context.newCDPSession(page);
    await debug.send('Page.setWebLifecycleState', { state: 'frozen' });
    const second = await context.newPage();
    await openLive(second, '/inbox', user);
    await debug.send('Page.setWebLifecycleState', { state: 'active' });
    await second.close();
    await user.client.tasks.create.mutate({ title: 'Buy milk' });
    await row(page, 'Buy milk').waitFor();
  },
);

journey(
  'of what is changed while a page is on its way, nothing is lost',
  async ({ page, context, site }) => {
    const user = await newUser(site);
    await signIn(context, site, user);
    const { tasks, lists } = user.client;
    const { id: listId } = await lists.create.mutate({ name: 'Home' });
    await tasks.create.mutate({ title: 'Clean the windows', listId });
    await openLive(page, '/inbox', user);
    await page.route(`**/lists/${listId}*`, async (route) => {
      const response = await route.fetch();
      await tasks.create.mutate({ title: 'Water the plants', listId });
      await tasks.create.mutate({ title: 'Something else' });
      await row(page, 'Something else').waitFor();
      await route.fulfill({ response });
    });
    await page.getByRole('link', { name: 'Home' }).click();
    await row(page, 'Clean the windows').waitFor();
    await row(page, 'Water the plants').waitFor();
  },
);

journey(
  'whoever signs in anew in a browser finds nothing of who was there before',
  async ({ page, context, site, problems }) => {
    const [ann, bob] = [await newUser(site), await newUser(site)];
    await signIn(context, site, ann);
    await ann.client.tasks.create.mutate({ title: 'Of Ann' });
    await bob.client.tasks.create.mutate({ title: 'Of Bob' });
    await openLive(page, '/inbox', ann);
    await signIn(context, site, bob);
    const second = await context.newPage();
    await openLive(second, '/inbox', bob);
    await row(page, 'Of Bob').waitFor();
    expect(await row(page, 'Of Ann').count()).toBe(0);
    // The session of a page ends elsewhere.
    const again = createClient({ url: site.url, auth: { cookie: bob.cookie } });
    await again.account.delete.mutate({ confirm: 'delete my account', password: bob.password });
    await page.waitForURL('**/sign-in');
    await second.waitForURL('**/sign-in');
    problems.forgive(/status of 401/);
  },
);

journey('a list that was deleted comes back with its tasks', async ({ page, context, site }) => {
  const user = await newUser(site);
  await signIn(context, site, user);
  const { tasks, lists } = user.client;
  const { id: listId } = await lists.create.mutate({ name: 'Home' });
  for (const title of ['Clean the windows', 'Water the plants']) {
    await tasks.create.mutate({ title, listId });
  }
  await keepOffers(page);
  await page.goto(`/lists/${listId}`);
  await page.getByRole('button', { name: 'Settings of Home' }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Deleted list “Home” and moved 2 tasks to the trash.').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('link', { name: 'Home' }).click();
  await expectAccessible(page);
  await row(page, 'Clean the windows').waitFor();
  await row(page, 'Water the plants').waitFor();
  expect((await tasks.list.query({ listId })).items).toHaveLength(2);
});
