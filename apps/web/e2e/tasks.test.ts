import { expect } from 'vitest';
import {
  expectAccessible,
  journey,
  keepOffers,
  newUser,
  screenshot,
  signIn,
  type SiteUser,
} from './harness.ts';

const inDays = (days: number): string =>
  new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);

const onDay = (days: number) => ({ kind: 'date', date: inDays(days) }) as const;

/** A user with something in every view. */
const withTasks = async (user: SiteUser): Promise<void> => {
  const { client } = user;
  const home = await client.lists.create.mutate({ name: 'Home', color: 'green' });
  await client.lists.create.mutate({ name: 'Work', color: 'blue' });
  for (const task of [
    { title: 'Call the dentist', due: onDay(-2), priority: 'high' },
    { title: 'Water the plants', due: onDay(0), listId: home.id },
    { title: 'Buy milk', due: onDay(1), priority: 'low' },
    { title: 'Read about row-level security', notes: 'Policies, roles, and what FORCE does.' },
  ] as const) {
    await client.tasks.create.mutate(task);
  }
  const done = await client.tasks.create.mutate({ title: 'Renew the passport' });
  await client.tasks.complete.mutate({ id: done.id });
  const gone = await client.tasks.create.mutate({ title: 'An idea that was none' });
  await client.tasks.delete.mutate({ id: gone.id });
};

journey(
  'tasks are added, edited, completed, taken back and deleted',
  async ({ page, context, site }) => {
    const user = await newUser(site);
    await signIn(context, site, user);
    await keepOffers(page);
    await page.goto('/inbox');

    const add = page.getByLabel('Add a task to Inbox');
    await add.fill('Buy milk');
    await add.press('Enter');
    await add.fill('Pay the rent');
    await add.press('Enter');
    const row = (title: string) => page.getByRole('button', { name: title });
    await row('Buy milk').click();
    const editor = page.getByRole('form', { name: /^Edit/ });
    await editor.getByLabel('Title').fill('Buy oat milk');
    await editor.getByLabel('Notes').fill('Two litres');
    await editor.getByLabel('Due').fill(inDays(1));
    await editor.getByLabel('Priority').selectOption('High');
    await page.getByRole('button', { name: 'Done' }).click();
    await row('Buy oat milk').waitFor();

    await page.getByRole('checkbox', { name: 'Complete Pay the rent' }).click();
    await row('Pay the rent').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await row('Pay the rent').waitFor();

    await row('Pay the rent').click();
    await page.getByRole('button', { name: 'Move to the trash' }).click();
    await row('Pay the rent').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await row('Pay the rent').waitFor();

    const isThere = { completedAt: null, deletedAt: null };
    await expect
      .poll(async () => (await user.client.tasks.list.query()).items)
      .toMatchObject([
        {
          title: 'Buy oat milk',
          notes: 'Two litres',
          due: onDay(1),
          priority: 'high',
          ...isThere,
        },
        // Made, completed and not, deleted and not.
        { title: 'Pay the rent', version: 5, ...isThere },
      ]);
  },
);

journey('tasks move by hand, within a list and into another', async ({ page, context, site }) => {
  const user = await newUser(site);
  await signIn(context, site, user);
  const { id: home } = await user.client.lists.create.mutate({ name: 'Home' });
  for (const title of ['first', 'second', 'third'])
    await user.client.tasks.create.mutate({ title });
  await page.goto('/inbox');
  const titles = async (listId: string | null) =>
    (await user.client.tasks.list.query({ listId })).items.map(({ title }) => title);

  await page
    .getByRole('button', { name: 'third' })
    .dragTo(page.getByRole('button', { name: 'first' }));
  await expect.poll(() => titles(null)).toEqual(['third', 'first', 'second']);
  await page
    .getByRole('button', { name: 'first' })
    .dragTo(page.getByRole('link', { name: 'Home' }));
  await expect.poll(() => titles(home)).toEqual(['first']);
  expect(await titles(null)).toEqual(['third', 'second']);
});

journey('everything can be done by keyboard alone', async ({ page, context, site }) => {
  const user = await newUser(site);
  await signIn(context, site, user);
  await user.client.lists.create.mutate({ name: 'Home' });
  await page.goto('/inbox');
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
  const { keyboard } = page;
  // Keys do something once the page has come to life.
  await expect
    .poll(async () => {
      await keyboard.press('q');
      return page.getByLabel('Add a task to Inbox').evaluate((input) => input.matches(':focus'));
    })
    .toBe(true);
  await keyboard.press('Escape');
  await page.getByLabel('Add a task to Inbox').fill('');
  await keyboard.press('Escape');
  const tasks = async (input = {}) =>
    (await user.client.tasks.list.query(input)).items.map(({ title }) => title);

  for (const title of ['one', 'two', 'three']) {
    await keyboard.press('q');
    await keyboard.type(title);
    await keyboard.press('Enter');
    await keyboard.press('Escape');
  }
  await expect.poll(() => tasks()).toEqual(['one', 'two', 'three']);
  await keyboard.press('j');
  await keyboard.press('j');
  await keyboard.press('Alt+ArrowUp');
  await expect.poll(() => tasks()).toEqual(['two', 'one', 'three']);
  await page.getByRole('button', { name: 'two' }).focus();
  await keyboard.press('1');
  await keyboard.press('t');
  await expect
    .poll(async () => (await user.client.tasks.list.query()).items[0])
    .toMatchObject({ priority: 'high', due: { kind: 'date' } });
  await keyboard.press('x');
  await expect.poll(() => tasks({ completed: true })).toEqual(['two']);
  await page.getByRole('button', { name: 'three' }).focus();
  await keyboard.press('Delete');
  await expect.poll(() => tasks({ trashed: true })).toEqual(['three']);

  await keyboard.press('?');
  await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
  await keyboard.press('Escape');
  await keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  await keyboard.type('hom');
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Home' }).waitFor();
});

journey(
  'what is done in quick succession is saved in its order, past what is not saved',
  async ({ page, context, site, problems }) => {
    const user = await newUser(site);
    await signIn(context, site, user);
    await page.goto('/inbox');
    const { promise: firstMayGo, resolve: letFirstGo } = Promise.withResolvers<void>();
    await page.route('**/api/trpc/tasks.create*', async (route) => {
      const sent = route.request().postData() ?? '';
      if (sent.includes('"one"')) await firstMayGo;
      if (sent.includes('"two"')) await route.abort();
      else await route.continue();
    });
    const add = page.getByLabel('Add a task to Inbox');
    const titles = ['one', 'two', 'three', 'four'];
    for (const title of titles) {
      await add.fill(title);
      await add.press('Enter');
    }
    // All of them show while the first is still on its way.
    const shown = () => page.locator('[data-task]').allInnerTexts();
    await expect.poll(shown).toEqual(titles);
    expect((await user.client.tasks.list.query()).items).toEqual([]);

    letFirstGo();
    // It is tried again a few times before.
    await page.getByText('Not saved.', { exact: false }).waitFor();
    const saved = async () =>
      (await user.client.tasks.list.query()).items.map(({ title }) => title);
    await expect.poll(saved).toEqual(['one', 'three', 'four']);
    await expect.poll(shown).toEqual(['one', 'three', 'four']);
    problems.forgive(/ERR_FAILED/);
  },
);

journey(
  'a change that cannot be saved is taken back, and works once the service does',
  async ({ page, context, site, problems }) => {
    const user = await newUser(site);
    await signIn(context, site, user);
    await user.client.tasks.create.mutate({ title: 'Buy milk' });
    const { id: home } = await user.client.lists.create.mutate({ name: 'Home' });
    await page.goto('/inbox');
    const checkbox = page.getByRole('checkbox', { name: 'Complete Buy milk' });
    await checkbox.waitFor();

    await site.stopApi();
    await checkbox.click();
    await page.getByText('Not saved.', { exact: false }).first().waitFor();
    expect(await checkbox.getAttribute('aria-checked')).toBe('false');
    await page.goto('/today');
    await page.getByText('could not be loaded', { exact: false }).waitFor();
    await page.goto(`/lists/${home}`);
    await page.getByText('could not be loaded', { exact: false }).waitFor();

    await site.startApi();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    await page.getByText('Nothing in this list yet.').waitFor();
    await page.goto('/inbox');
    await checkbox.click();
    await expect
      .poll(async () => (await user.client.tasks.list.query({ completed: true })).items)
      .toHaveLength(1);
    problems.forgive(/status of 503|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE/);
  },
);

journey(
  'the first page comes with its tasks: the browser asks for none',
  async ({ page, context, site }) => {
    const user = await newUser(site);
    await signIn(context, site, user);
    await user.client.tasks.create.mutate({ title: 'Buy milk' });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    // What it does once it has come to rest: following what is changed from then on.
    await Promise.all([page.waitForRequest(/sync\.changes/), page.goto('/inbox')]);
    await page.getByRole('button', { name: 'Buy milk' }).waitFor();
    expect(asked.filter((path) => path.startsWith('/api'))).toEqual([
      '/api/auth/token',
      '/api/trpc/sync.changes',
    ]);
  },
);

journey(
  'every view is accessible, in both themes and on a phone',
  async ({ page, context, site }) => {
    const user = await newUser(site);
    await signIn(context, site, user);
    await withTasks(user);
    const [home] = (await user.client.lists.list.query()).items;
    const views = [
      'today',
      'inbox',
      'completed',
      'trash',
      'history',
      'settings',
      `lists/${home?.id}`,
    ];
    for (const view of views) {
      const name = view.split('/')[0] ?? view;
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(`/${view}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expectAccessible(page);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width: 1280, height: 800 });
        await screenshot(page, `${name}-${colorScheme}`);
        await page.setViewportSize({ width: 390, height: 800 });
        await screenshot(page, `${name}-${colorScheme}-phone`);
      }
      await expectAccessible(page);
    }
  },
);

journey('what opens over a page is accessible too', async ({ page, context, site }) => {
  const user = await newUser(site);
  await signIn(context, site, user);
  await withTasks(user);
  const [home] = (await user.client.lists.list.query()).items;
  await page.goto(`/lists/${home?.id}`);
  await page.getByRole('button', { name: 'Water the plants' }).click();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Settings of Home' }).click();
  await page.getByRole('dialog').waitFor();
  await expectAccessible(page);
  await page.getByRole('dialog').getByLabel('Name').fill('House');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('heading', { name: 'House' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  await expectAccessible(page);
  await screenshot(page, 'palette');
});
