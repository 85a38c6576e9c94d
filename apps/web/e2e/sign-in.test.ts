import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { expectAccessible, journey, newUser, screenshot, signIn } from './harness.ts';

journey('a newcomer signs up, signs out and signs in again', async ({ page, problems }) => {
  const email = `${randomUUID()}@example.com`;
  await page.goto('/sign-up');
  await page.getByLabel('Name').fill('Ann Example');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('correct horse');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.waitForURL('/inbox');
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();

  await page.goto('/settings');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('/sign-in');
  // What the page before was following ends with its session.
  problems.forgive(/status of 401/);
  await page.goto('/inbox');
  await page.waitForURL('/sign-in');

  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('correct horse');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('/inbox');
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
});

journey(
  'a wrong password is told in words, and what was typed stays',
  async ({ page, site, problems }) => {
    const { email } = await newUser(site);
    await page.goto('/sign-in');
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill('wrong horse');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('password is wrong', { exact: false }).waitFor();
    expect(await page.getByLabel('E-mail').inputValue()).toBe(email);
    problems.forgive(/status of 401.*sign-in\/email/);
  },
);

journey(
  'a password is changed in the settings, by who knows the present one',
  async ({ page, context, site, problems }) => {
    const user = await newUser(site);
    await signIn(context, site, user);
    await page.goto('/settings');
    const change = async (current: string) => {
      await page.getByLabel('Current password').fill(current);
      await page.getByLabel('New password').fill('another horse');
      await page.getByRole('button', { name: 'Change password' }).click();
    };
    await change('wrong horse');
    const current = page.getByLabel('Current password');
    await expect.poll(() => current.getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByLabel('New password').inputValue()).toBe('another horse');
    await change(user.password);
    await page.getByText('Changed.', { exact: false }).waitFor();
    problems.forgive(/status of 400.*change-password/);
  },
);

journey('one click without an account shows a living app', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Try it' }).click();
  await page.waitForURL('/inbox');
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
});

journey('who is signed in goes to their tasks at once', async ({ page, context, site }) => {
  await signIn(context, site, await newUser(site));
  await page.goto('/inbox');
  expect(new URL(page.url()).pathname).toBe('/inbox');
});

journey.for(['sign-in', 'sign-up'])('axe has nothing against /%s', async (name, { page }) => {
  await page.goto(`/${name}`);
  await screenshot(page, name);
  await expectAccessible(page);
});
