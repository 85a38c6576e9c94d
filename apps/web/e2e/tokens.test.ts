import { createClient } from '@typedo/client';
import { expect } from 'vitest';
import { expectAccessible, journey, newUser, screenshot, signIn } from './harness.ts';

journey(
  'a token made in the settings signs a script in, until it is revoked there',
  async ({ page, context, site }) => {
    const user = await newUser(site);
    await signIn(context, site, user);
    await page.goto('/settings');
    await page.getByLabel('What is it for?').fill('Backup script');
    await page.getByLabel('What may it do?').selectOption('Read and change tasks only');
    await page.getByRole('button', { name: 'Make a token' }).click();
    const shown = page.getByLabel('it is not shown again', { exact: false });
    const token = await shown.inputValue();
    expect(token).toMatch(/^typedo_[0-9a-f]{40}$/);
    await page.getByRole('button', { name: 'Revoke Backup script' }).waitFor();
    await screenshot(page, 'tokens');
    await expectAccessible(page);

    const script = createClient({ url: site.url, auth: { token } });
    await script.tasks.create.mutate({ title: 'by the script' });
    await page.getByRole('button', { name: 'Done' }).click();
    expect(await page.content()).not.toContain(token);
    await page.reload();
    await page.getByText('Last used', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Revoke Backup script' }).click();
    await page.getByText('“Backup script” is revoked.').waitFor();
    await expect
      .poll(() => page.getByRole('button', { name: 'Revoke Backup script' }).count())
      .toBe(0);
    const next = createClient({ url: site.url, auth: { token } });
    await expect(next.tasks.list.query({})).rejects.toThrow();
  },
);
