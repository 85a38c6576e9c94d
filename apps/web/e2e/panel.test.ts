import { manifest } from '@typedo/client/manifest';
import { expect, test } from 'vitest';
import { call, exercise, expectAllShown, openCall } from '../../../packages/panel/e2e/exercise.ts';
import { axeInBothThemes, launchBrowser, watch } from '../../../scripts/testing/browser.ts';
import { startTestApp } from '../../server/test/harness.ts';

// The browser notes each answer that is an error by its status.
const isRefusal = (problem: string): boolean =>
  /Failed to load resource: the server responded with a status of 4\d\d/.test(problem);

test('every procedure of Typedo shows its result, or what is wrong at its field', async () => {
  await using app = await startTestApp();
  await using browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const found: string[] = [];
  await watch(context, app.url, found);
  const page = await context.newPage();
  await page.goto(`${app.url}/panel`);

  await openCall(page, 'account.me', {});
  expect((await call(page)).outcome).toBe('UNAUTHENTICATED');

  await page.request.post(`${app.url}/api/auth/sign-up/email`, {
    headers: { origin: app.url },
    data: { name: 'Ann', email: `${crypto.randomUUID()}@example.com`, password: 'correct horse' },
  });
  const exercised = await exercise(page, 3, 1);
  expectAllShown(exercised);
  const answering = manifest.procedures.filter(({ kind }) => kind !== 'subscription');
  expect(exercised.fit.procedures).toBe(answering.length);
  expect(exercised.spoilt.procedures).toBe(answering.length);

  await openCall(page, 'sync.changes');
  await page.keyboard.press('Control+Enter');
  const result = page.getByRole('region', { name: 'Result' });
  await result.getByRole('status').getByText('Live').waitFor();
  const { token } = await (await page.request.get(`${app.url}/api/auth/token`)).json();
  await page.request.post(`${app.url}/api/v1/tasks`, {
    headers: { authorization: `Bearer ${token}` },
    data: { title: 'made meanwhile' },
  });
  await result.getByText('list of 1').waitFor();
  await page.keyboard.press('Escape');
  expect(await axeInBothThemes(page)).toEqual([]);
  expect(found.filter((problem) => !isRefusal(problem))).toEqual([]);
}, 600_000);
