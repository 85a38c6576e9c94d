import { expect } from 'vitest';
import { expectAccessible, journey, keepOffers, newUser, screenshot, signIn } from './harness.ts';

journey('a list is archived, looked at, and brought back', async ({ page, context, site }) => {
  const user = await newUser(site);
  await signIn(context, site, user);
  const { lists, tasks } = user.client;
  const { id } = await lists.create.mutate({ name: 'Summer', color: 'orange' });
  await lists.create.mutate({ name: 'Home', color: 'green' });
  await tasks.create.mutate({ title: 'Buy a tent', listId: id });
  await keepOffers(page);
  await page.goto(`/lists/${id}`);
  const archived = async () =>
    (await lists.list.query({ archived: true })).items.map(({ name }) => name);
  const add = page.getByLabel('Add a task to Summer');
  const archive = async () => {
    await page.getByRole('button', { name: 'Settings of Summer' }).click();
    await page.getByRole('button', { name: 'Archive' }).click();
    await page.getByRole('heading', { name: 'Inbox' }).waitFor();
  };

  await archive();
  expect(await archived()).toEqual(['Summer']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(archived).toEqual([]);

  const places = page.getByRole('navigation', { name: 'Places' });
  const summer = places.getByRole('link', { name: 'Summer' });
  await summer.click();
  await add.waitFor();
  await archive();
  expect(await summer.isVisible()).toBe(false);
  await places.getByText('Archived').click();
  await summer.click();
  await page.getByText('This list is archived.', { exact: false }).waitFor();
  await page.getByRole('button', { name: 'Buy a tent' }).waitFor();
  expect(await add.count()).toBe(0);
  await page.reload();
  await page.getByRole('button', { name: 'Bring back' }).waitFor();
  await expectAccessible(page);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 1280, height: 800 });
    await screenshot(page, `archived-${colorScheme}`);
    await page.setViewportSize({ width: 390, height: 800 });
    await screenshot(page, `archived-${colorScheme}-phone`);
  }
  await page.getByRole('button', { name: 'Places' }).click();
  await screenshot(page, 'archived-places-phone');
  await page.getByRole('dialog').getByRole('link', { name: 'Summer' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Bring back' }).click();
  await add.waitFor();
  expect(await archived()).toEqual([]);

  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('button', { name: 'New list' }).click();
  await page.getByLabel('Name of the new list').fill('Winter');
  await page.getByLabel('Name of the new list').press('Enter');
  await page.getByRole('heading', { name: 'Winter' }).waitFor();
});

journey('more lists than one page of the service holds', async ({ page, context, site }) => {
  const user = await newUser(site);
  await signIn(context, site, user);
  for (let n = 1; n <= 101; n += 1) await user.client.lists.create.mutate({ name: `List ${n}` });
  await page.goto('/inbox');
  await page.getByRole('link', { name: 'List 101' }).click();
  await page.getByRole('heading', { name: 'List 101' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'List 101' }).waitFor();
});
