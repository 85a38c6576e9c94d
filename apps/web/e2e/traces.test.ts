import { expect, test } from 'vitest';
import { type CollectedSpan, startCollector } from '../../../scripts/testing/collector.ts';
import { startTestApp } from '../../server/test/harness.ts';
import { startTracedApp } from '../../server/test/traced-app.ts';
import { journey, newUser, signIn } from './harness.ts';
import { startWebServer } from './web-server.ts';

/** What a span is part of, from the first on. */
const lineOf = (spans: CollectedSpan[], span: CollectedSpan): CollectedSpan[] => {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [...(parent ? lineOf(spans, parent) : []), span];
};

journey('a click is one trace down to its SQL, as collected', async ({ browser }) => {
  await using collector = await startCollector();
  await using api = await startTracedApp(collector, { trustedProxies: ['127.0.0.1'] });
  await using web = await startWebServer(api.url, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  const user = await newUser(web);
  const title = `Buy milk ${crypto.randomUUID()}`;
  await user.client.tasks.create.mutate({ title });
  const context = await browser.newContext({ baseURL: web.url });
  await signIn(context, web, user);
  const page = await context.newPage();
  await page.goto('/inbox');
  // What notices clicks is loaded when the mouse is first moved.
  const loaded = page.waitForResponse(
    async (response) =>
      response.url().includes('/chunks/') && (await response.text()).includes('traceparent'),
  );
  await page.mouse.move(100, 100);
  await loaded;
  await page.getByRole('checkbox', { name: title }).click();

  const lines = () => {
    const spans = collector.spans();
    return spans
      .filter(({ name }) => name === 'UPDATE')
      .map((span) => lineOf(spans, span))
      .filter(([first]) => first?.name === 'click');
  };
  await expect.poll(() => lines().length).toBeGreaterThan(0);
  const [line = []] = lines();
  expect(line.map(({ service, name }) => `${service}: ${name}`)).toEqual([
    'typedo-browser: click',
    'typedo-browser: POST',
    'typedo: POST /api/trpc/:path',
    'typedo: tasks.complete',
    'typedo: UPDATE',
  ]);
  expect(new Set(line.map(({ traceId }) => traceId)).size).toBe(1);
  const collected = collector.bodies.join();
  for (const secret of [title, user.email, user.name]) expect(collected).not.toContain(secret);
  await context.close();
});

test('who makes up clicks has few of them collected, and nothing else', async () => {
  await using collector = await startCollector();
  await using api = await startTestApp();
  await using web = await startWebServer(api.url, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  const tell = async (change: object = {}, type = 'application/json') => {
    const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
    const report = { traceId, spanId, name: 'click', beganMsAgo: 9, endedMsAgo: 1, calls: [] };
    const body = JSON.stringify({ ...report, ...change });
    const headers = { 'content-type': type };
    return (await fetch(`${web.url}/traces`, { method: 'POST', headers, body })).status;
  };
  const before = performance.now();
  const bad = [tell({ name: 'Buy milk' }), tell({ title: 'Buy milk' }), tell({}, 'text/plain')];
  expect(await Promise.all(bad)).toEqual([400, 400, 400]);
  const statuses = await Promise.all(Array.from({ length: 300 }, () => tell()));
  const seconds = Math.ceil((performance.now() - before) / 1000) + 1;
  await web.stop();
  expect(collector.spans().length).toBe(statuses.filter((status) => status === 204).length);
  expect(collector.spans().length).toBeGreaterThan(0);
  expect(collector.spans().length).toBeLessThanOrEqual(20 * seconds);
  expect(collector.bodies.join()).not.toContain('milk');
});
