import { expect } from 'vitest';
import { journey } from './harness.ts';

// What each journey is watched for is seen here, one by one, so that silence means something.

const askOutside = () => fetch('http://localhost:9/outside').catch(() => {});

journey('a request to another host is noticed', async ({ page, context, problems }) => {
  const devTools = await context.newCDPSession(page);
  // CSP would stop it before it is a request.
  await devTools.send('Page.setBypassCSP', { enabled: true });
  await page.goto('/sign-in');
  await page.evaluate(askOutside);
  expect(problems.forgive(/^outside request: /)).toEqual([
    'outside request: http://localhost:9/outside',
  ]);
  problems.forgive(/ERR_UNSAFE_PORT|ERR_CONNECTION_REFUSED/);
});

journey('what CSP refuses is noticed', async ({ page, problems }) => {
  await page.goto('/sign-in');
  await page.evaluate(askOutside);
  await expect
    .poll(() => problems.forgive(/CSP violation/).join())
    .toContain('CSP violation: connect-src http://localhost:9');
  problems.forgive(/Content Security Policy/);
});

journey('an error that nobody catches is noticed', async ({ page, problems }) => {
  await page.goto('/sign-in');
  await page.evaluate(() => {
    setTimeout(() => {
      throw new Error('a fault');
    });
  });
  await expect.poll(() => problems.forgive(/^uncaught: .*a fault/)).toHaveLength(1);
});
