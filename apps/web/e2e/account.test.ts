import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { expectAccessible, journey, newUser, screenshot, signIn } from './harness.ts';

journey(
  'a user takes everything along as a file, and then deletes their account with the password',
  async ({ page, context, site, problems }) => {
    const user = await newUser(site);
    await user.client.tasks.create.mutate({ title: 'Take me along' });
    await signIn(context, site, user);
    await page.goto('/settings');
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download everything' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/^typedo-\d{4}-\d\d-\d\d\.json$/);
    const all = JSON.parse(await readFile(await download.path(), 'utf8')) as object;
    expect(all).toMatchObject({
      account: { email: user.email },
      tasks: [{ title: 'Take me along' }],
      rows: { tasks: 1, auth_users: 1 },
    });

    await page.getByRole('button', { name: 'Delete account' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete account' });
    const password = dialog.getByLabel('Your password');
    await screenshot(page, 'delete-account');
    await expectAccessible(page);
    await password.fill('wrong horse');
    await dialog.getByRole('button', { name: 'Delete everything' }).click();
    await expect.poll(() => password.getAttribute('aria-invalid')).toBe('true');
    problems.forgive(/status of 403.*account\.delete/);
    await password.fill(user.password);
    await dialog.getByRole('button', { name: 'Delete everything' }).click();
    await page.waitForURL('/sign-in');
    // What the page before was following ends with its user.
    problems.forgive(/status of 401/);
    expect(await context.cookies()).not.toContainEqual(
      expect.objectContaining({ name: expect.stringContaining('session') as string }),
    );
    await expect(user.client.tasks.list.query({})).rejects.toThrow();
  },
);

journey(
  'a guest, who has no password, deletes what they tried by saying so',
  async ({ page, problems }) => {
    await page.goto('/sign-in');
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.waitForURL('/inbox');
    await page.goto('/settings');
    await page.getByRole('button', { name: 'Delete account' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete account' });
    await dialog.getByLabel('Type “delete my account”').fill('delete my account');
    await dialog.getByRole('button', { name: 'Delete everything' }).click();
    await page.waitForURL('/sign-in');
    problems.forgive(/status of 401/);
  },
);
