import { join } from 'node:path';
import { expect, test } from 'vitest';
import { axe, launchBrowser } from '../../../scripts/testing/browser.ts';
import { startTestApp } from '../../server/test/harness.ts';

test('the reference of REST reads well in either theme, with no script and no request elsewhere', async () => {
  await using app = await startTestApp();
  await using browser = await launchBrowser();
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 800 } });
    const found: string[] = [];
    page.on('console', (message) => found.push(message.text()));
    page.on('request', (request) => found.push(new URL(request.url()).pathname));
    await page.goto(`${app.url}/docs`);
    expect(found).toEqual(['/docs', '/docs/style.css']);
    expect(await axe(page)).toEqual([]);
    await page.screenshot({
      path: join(import.meta.dirname, `screenshots/docs-${colorScheme}.png`),
    });
    await page.goto(`${app.url}/docs#post-tasks`);
    expect(await page.locator('#post-tasks').innerText()).toContain('Pay rent');
  }
});
