import { createClient } from '@typedo/client';
import { expect } from 'vitest';
import { expectAccessible, journey, keepOffers, newUser, screenshot, signIn } from './harness.ts';

journey(
  'the history tells what was done, takes it back and does it again, or says why it cannot',
  async ({ page, context, site, problems }) => {
    const user = await newUser(site);
    await signIn(context, site, user);
    const { tasks } = user.client;
    await keepOffers(page);
    await page.goto('/inbox');
    const add = page.getByLabel('Add a task to Inbox');
    await add.fill('Buy milk');
    await add.press('Enter');
    await page.getByRole('button', { name: 'Buy milk' }).click();
    const title = page.getByRole('form', { name: /^Edit/ }).getByLabel('Title');
    await title.fill('Buy oat milk');
    await title.press('Enter');
    await page.getByRole('checkbox', { name: 'Complete Buy oat milk' }).click();
    await page.getByText('Completed “Buy oat milk”.').waitFor();
    const id = (await tasks.list.query()).items[0]?.id ?? '';
    await tasks.delete.mutate({ id });

    await page.getByRole('link', { name: 'History' }).click();
    const today = page.getByRole('region', { name: 'Today' });
    const told = () =>
      today
        .getByRole('listitem')
        .evaluateAll((rows) => rows.map((row) => row.querySelector('p')?.innerText));
    const before = [
      'Moved “Buy oat milk” to the trash',
      'Completed “Buy oat milk”',
      'Renamed “Buy milk” to “Buy oat milk”',
      'Made “Buy milk”',
    ];
    await expect.poll(told).toEqual(before);
    await page.getByText('This browser').first().waitFor();

    const revision = (words: string) => today.getByRole('listitem').filter({ hasText: words });
    const renaming = revision(before[2] ?? '');
    await renaming.getByText('Details').click();
    await renaming.getByText('Buy milk → became Buy oat milk').waitFor();

    await page.getByRole('button', { name: `Undo: ${before[0]}` }).press('Enter');
    await page.getByText(`Undone: ${before[0]}.`).waitFor();
    const restored = ['Restored “Buy oat milk”', ...before];
    await expect.poll(told).toEqual(restored);
    expect((await tasks.get.query({ id })).deletedAt).toBeNull();
    await page.getByRole('button', { name: 'Redo' }).click();
    await page.getByText(`Redone: ${before[0]}.`).waitFor();
    await expect.poll(told).toEqual([before[0], ...restored]);
    expect((await tasks.get.query({ id })).deletedAt).not.toBeNull();

    await tasks.restore.mutate({ id });
    await tasks.update.mutate({ id, title: 'Buy rye' });
    await page.getByRole('button', { name: `Undo: ${before[2]}` }).click();
    await renaming
      .getByRole('alert')
      .getByText('Not undone. What it changed was changed')
      .waitFor();
    problems.forgive(/status of 409.*history\.undo/);
    expect((await tasks.get.query({ id })).title).toBe('Buy rye');
    // What others did meanwhile shows with it.
    await expect.poll(async () => (await told())[0]).toBe('Renamed “Buy oat milk” to “Buy rye”');
    await expectAccessible(page);
    await page.setViewportSize({ width: 390, height: 800 });
    await screenshot(page, 'history-refused-phone');
  },
);

journey(
  'the history tells what a list took along, what did it, and goes on by pages',
  async ({ page, context, site }) => {
    const user = await newUser(site);
    await signIn(context, site, user);
    const { lists, tasks, tokens } = user.client;
    for (let n = 1; n <= 45; n += 1) await tasks.create.mutate({ title: `Task ${n}` });
    const { id } = await lists.create.mutate({ name: 'Home', color: 'green' });
    const { token } = await tokens.create.mutate({
      name: 'Backup script',
      scopes: ['tasks:write'],
      expiresAt: null,
    });
    const script = createClient({ url: site.url, auth: { token } });
    const made = [];
    for (const title of [
      'Water the plants',
      'Clean the windows',
      'Call the landlord about the heating',
    ])
      made.push(await script.tasks.create.mutate({ title, listId: id }));
    await lists.update.mutate({ id, name: 'House' });
    const notes = 'Once a week.\nThe ferns twice.';
    await tasks.update.mutate({
      id: made[0]?.id ?? '',
      notes,
      priority: 'high',
      due: { kind: 'date', date: '2026-12-24' },
    });
    await tasks.move.mutate({ id: made[1]?.id ?? '', listId: null });
    await lists.delete.mutate({ id });

    await page.goto('/history');
    const deletion = 'Deleted list House, and moved 2 tasks to the trash';
    for (const words of [
      deletion,
      'Moved “Clean the windows” to the Inbox',
      'Changed the notes, due date and priority of “Water the plants”',
      'Renamed list Home to House',
      'Made “Call the landlord about the heating”',
    ]) {
      await page.getByText(words, { exact: true }).waitFor();
    }
    expect(await page.getByText('Token “Backup script”').count()).toBe(3);
    await page.getByText('Made “Task 45”', { exact: true }).waitFor();
    expect(await page.getByText('Made “Task 1”', { exact: true }).count()).toBe(0);
    for (let n = 0; n < 6; n += 1) await page.getByText('Details').nth(n).click();
    await expectAccessible(page);
    await page.evaluate(() => scrollTo(0, 0));
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 1280, height: 800 });
      await screenshot(page, `history-details-${colorScheme}`);
      await page.setViewportSize({ width: 390, height: 800 });
      await screenshot(page, `history-details-${colorScheme}-phone`);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText('Made “Task 1”', { exact: true }).waitFor();

    await page.getByRole('button', { name: `Undo: ${deletion}` }).click();
    await page.getByRole('link', { name: 'House' }).waitFor();
    await page
      .getByText('Brought back list House, and restored 2 tasks', { exact: true })
      .waitFor();
    await screenshot(page, 'history-undone');
    expect((await tasks.list.query({ listId: id })).items).toHaveLength(2);
  },
);
