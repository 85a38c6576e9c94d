import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { BrowserContext, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { axeInBothThemes, launchBrowser, watch } from '../../../scripts/testing/browser.ts';
import type { Json } from '../src/tagged.ts';
import { call, exercise, expectAllShown, jsonOf, openCall } from './exercise.ts';
import { startFastify, startGate, startNext } from './servers.ts';

// The browser notes each answer that is an error, and each that did not come: tests look at which.
const refusal = /Failed to load resource: the server responded with a status of \d+|net::ERR_/;

const panel = test
  .extend('next', { scope: 'file' }, async ({}, { onCleanup }) => {
    const server = await startNext();
    onCleanup(() => server[Symbol.asyncDispose]());
    return server;
  })
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await launchBrowser();
    onCleanup(() => browser.close());
    return browser;
  })
  .extend('found', async (): Promise<string[]> => [])
  /** Opens a panel in a browser of its own, which may complain of nothing. */
  .extend('open', async ({ browser, found }, { onCleanup }) => {
    const contexts: BrowserContext[] = [];
    onCleanup(async () => {
      await Promise.all(contexts.map((context) => context.close()));
      expect(found.filter((problem) => !refusal.test(problem))).toEqual([]);
    });
    return async (url: string, hash = ''): Promise<Page> => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      contexts.push(context);
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await watch(context, new URL(url).origin, found);
      const page = await context.newPage();
      await page.goto(`${url}/panel${hash}`);
      return page;
    };
  });

const linkTo = (path: string, input: Json): string =>
  `#${path}?input=${encodeURIComponent(JSON.stringify(input))}`;
const pathLink = (path: string): string => `#${encodeURIComponent(path)}`;
const status = (page: Page) => page.getByRole('region', { name: 'Result' }).getByRole('status');
const copied = (page: Page) => page.evaluate(() => navigator.clipboard.readText());
const events = (page: Page) =>
  page.locator('.events li code').evaluateAll((ids) => ids.map((id) => Number(id.textContent)));
/** What is shown of a count that came to `end`, the latest first: the page keeps 200 events. */
const lastUpTo = (end: number): number[] =>
  Array.from({ length: Math.min(end, 200) }, (_, i) => end - i);

panel(
  'every procedure of a router without transformer, on Next, shows its result or what is wrong at its field',
  { timeout: 600_000 },
  async ({ next, open }) => {
    const page = await open(next.url);
    const exercised = await exercise(page, 4, 1);
    expectAllShown(exercised);
    expect(exercised.fit.procedures).toBe(13);
    // All but those that take anything.
    expect(exercised.spoilt.procedures).toBe(11);
    expect(await axeInBothThemes(page)).toEqual([]);
  },
);

panel(
  'so does every procedure of a router with superjson, on Fastify, dates and maps among its values',
  { timeout: 600_000 },
  async ({ open }) => {
    await using server = await startFastify();
    const page = await open(server.url);
    const exercised = await exercise(page, 6, 1);
    expectAllShown(exercised);
    expect(exercised.fit.procedures).toBe(10);
    expect(exercised.spoilt.procedures).toBe(6);
    expect(await axeInBothThemes(page)).toEqual([]);
  },
);

panel('the page is a quarter of a megabyte at most on the wire', async ({ next }) => {
  await using server = await startFastify();
  for (const { url } of [next, server]) {
    const options = { headers: { 'accept-encoding': 'gzip' } };
    const [answer] = (await once(get(`${url}/panel`, options), 'response')) as [IncomingMessage];
    expect(answer.headers['content-encoding']).toBe('gzip');
    const packed = await buffer(answer);
    expect(gunzipSync(packed).toString()).toMatch(/^<!doctype html>/);
    expect(packed.length).toBeLessThan(250_000);
  }
});

panel(
  'a subscription goes on where it was cut off, and where it was stopped',
  async ({ next, open }) => {
    await using gate = await startGate(next.url);
    const page = await open(gate.url, linkTo('count', { everyMs: 20 }));
    await page.keyboard.press('Control+Enter');
    await status(page).getByText('Live').waitFor();
    await expect.poll(async () => (await events(page)).length).toBeGreaterThan(3);
    gate.close();
    await status(page).getByText('Cut off, connecting again').waitFor();
    const cutAt = Math.max(...(await events(page)));
    gate.open();
    await status(page).getByText('Live').waitFor();
    await expect.poll(async () => (await events(page))[0]).toBeGreaterThan(cutAt + 3);

    await page.keyboard.press('Escape');
    await status(page).getByText('Stopped').waitFor();
    const shown = await events(page);
    const [stoppedAt = 0] = shown;
    expect(shown).toEqual(lastUpTo(stoppedAt));
    await page.getByRole('button', { name: `Resume after ${stoppedAt}` }).click();
    await expect.poll(async () => (await events(page))[0]).toBeGreaterThan(stoppedAt + 3);
    await page.keyboard.press('Escape');
    await status(page).getByText('Stopped').waitFor();
    const shownAtEnd = await events(page);
    expect(shownAtEnd).toEqual(lastUpTo(shownAtEnd[0] ?? 0));
    expect(await axeInBothThemes(page)).toEqual([]);
  },
);

panel(
  'a call is found, filled in, corrected and made by keyboard alone',
  async ({ next, open }) => {
    const page = await open(next.url);
    const { keyboard } = page;
    const tabTo = async (label: string): Promise<void> => {
      const isThere = () =>
        page.evaluate((wanted) => {
          const { activeElement: at } = document;
          const labels = [...((at as HTMLInputElement | null)?.labels ?? [])];
          return [at?.ariaLabel, at?.textContent, ...labels.map((one) => one.textContent)].some(
            (text) => text?.trim().startsWith(wanted),
          );
        }, label);
      for (let steps = 0; !(await isThere()); steps += 1) {
        expect(steps, `${label} is reached`).toBeLessThan(60);
        await keyboard.press('Tab');
      }
    };
    await keyboard.press('/');
    await keyboard.type('draw');
    await keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'shapes.draw' }).waitFor();
    await tabTo('Kind of shape');
    await keyboard.type('kind: "c');
    await tabTo('radius');
    await keyboard.type('-1');
    await tabTo('layer');
    await keyboard.type('3');
    await keyboard.press('Control+Enter');
    await status(page).getByText('BAD_REQUEST').waitFor();
    await page.getByRole('heading', { level: 1 }).focus();
    await tabTo('shape.radius');
    await keyboard.press('Enter');
    // In the field now, all of which the next text replaces.
    await keyboard.press('Control+a');
    await keyboard.type('2.5');
    await keyboard.press('Control+Enter');
    await status(page).getByText('OK').waitFor();
    expect(await jsonOf(page)).toEqual({ shape: { kind: 'circle', radius: 2.5 }, layer: 3 });

    await keyboard.press('/');
    await keyboard.type('shapes');
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'shapes.many' }).waitFor();
    await keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    expect(await axeInBothThemes(page)).toEqual([]);
  },
);

panel('a call is stopped, and calls are made together', async ({ next, open, found }) => {
  const page = await open(next.url, linkTo('wait', { ms: 60_000 }));
  await page.keyboard.press('Control+Enter');
  await status(page).getByText('Calling').waitFor();
  await page.keyboard.press('Escape');
  await status(page).getByText('ABORTED').waitFor();

  const requests: string[] = [];
  page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
  for (const [path, input] of [
    ['wait', { ms: 1 }],
    ['libraries.mini', { count: 0 }],
    ['values.folders', { name: 'home', inside: [] }],
  ] satisfies [string, Json][]) {
    await openCall(page, path, input);
    await page.getByRole('button', { name: 'Add to batch' }).click();
  }
  await page.getByRole('link', { name: 'Batch' }).click();
  await page.getByRole('heading', { level: 1, name: 'Batch' }).waitFor();
  await page.keyboard.press('Control+Enter');
  await page.getByText(/^\d+ in .* · \d+ in/).waitFor();
  expect(await page.locator('.batch > li').allInnerTexts()).toEqual([
    expect.stringContaining('"waited"'),
    expect.stringContaining('BAD_REQUEST'),
    expect.stringContaining('"home"'),
  ]);
  expect(requests.toSorted()).toEqual([
    expect.stringMatching(/^GET .*wait,libraries.mini\?batch=1/),
    expect.stringMatching(/^POST .*values.folders\?batch=1/),
  ]);
  expect(found).toEqual([]);
});

panel(
  'a call is linked, saved and copied without the token that it is made with',
  async ({ open }) => {
    await using server = await startFastify();
    const secret = 'only-for-the-service';
    const page = await open(
      server.url,
      linkTo('values.either', { $date: '2026-12-24T18:00:00.000Z' }),
    );
    const stored = () => page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
    await page.getByRole('button', { name: 'Headers' }).first().click();
    await page.getByLabel('Bearer token').check();
    await page.getByLabel('Token', { exact: true }).fill(secret);
    await page.keyboard.press('Control+Enter');
    await status(page).getByText('OK').waitFor();
    expect(server.authorizations).toEqual([`Bearer ${secret}`]);

    page.once('dialog', (dialog) => void dialog.accept('Christmas'));
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'Christmas' }).waitFor();
    for (const [button, text] of [
      ['Copy curl', '$TOKEN'],
      ['Copy TypeScript', `trpc.values.either.query(new Date('2026-12-24T18:00:00.000Z'))`],
      ['Copy link', '#values.either'],
    ] as const) {
      await page.getByRole('button', { name: button }).click();
      await expect.poll(() => copied(page)).toContain(text);
      expect(await copied(page)).not.toContain(secret);
    }
    expect(await stored()).not.toContain(secret);

    await page.goto(await copied(page));
    await page.reload();
    expect(await jsonOf(page)).toEqual({ $date: '2026-12-24T18:00:00.000Z' });
    await page.getByText('History', { exact: true }).click();
    await page.getByRole('link', { name: 'values.either ok' }).waitFor();
    await page.getByRole('link', { name: 'Christmas' }).waitFor();
    await page.keyboard.press('Control+Enter');
    await status(page).getByText('OK').waitFor();
    expect(server.authorizations.at(-1)).toBe('none');

    await page.getByRole('button', { name: 'Headers' }).first().click();
    await page.getByLabel('Bearer token').check();
    await page.getByLabel('Token', { exact: true }).fill(secret);
    await page.getByLabel('Keep them in this browser').check();
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('Control+Enter');
    await status(page).getByText('OK').waitFor();
    expect(server.authorizations.at(-1)).toBe(`Bearer ${secret}`);
  },
);

panel('what JSON lacks is written in the form, and shown as what it is', async ({ open }) => {
  await using server = await startFastify();
  const input = {
    at: { $date: '2026-12-24T18:00:00.000Z' },
    big: { $bigint: '12345678901234567890' },
    prices: { $map: [['tea', 2]] },
    days: { $map: [[{ $date: '2026-01-01T00:00:00.000Z' }, { $set: [{ $bigint: '1' }] }]] },
  };
  const page = await open(server.url, linkTo('values.all', input));
  await page.keyboard.press('Control+Enter');
  await status(page).getByText('OK').waitFor();
  const shown = await page.getByRole('region', { name: 'Result' }).innerText();
  for (const text of [
    '12345678901234567890n',
    'Map(1)',
    'Set(1)',
    '2026-12-24T18:00:00.000Z Date',
    'NaN',
    'undefined',
  ]) {
    expect(shown).toContain(text);
  }
  await page.getByRole('textbox', { name: 'big' }).fill('7');
  await page.keyboard.press('Control+Enter');
  await page.getByText('7n').waitFor();
  expect(await jsonOf(page)).toEqual({ ...input, big: { $bigint: '7' } });
});

panel(
  'whatever is filled in and emptied again, the form stays, and sends what it shows',
  async ({ open }) => {
    await using server = await startFastify();
    const page = await open(server.url, pathLink('awkward.form'));
    const field = (name: string) => page.getByLabel(name, { exact: true });
    const send = async (): Promise<Json | undefined> => {
      await page.getByRole('button', { name: 'Call' }).click();
      await status(page).getByText('OK').waitFor();
      return jsonOf(page);
    };
    await field('phone').fill('555-1234');
    await field('note').fill('two');
    await field('note').press('Enter');
    await field('note').pressSequentially('lines');
    await field('level').selectOption('high');
    await field('count').fill('7');
    expect(await send()).toEqual({
      phone: '555-1234',
      note: 'two\nlines',
      level: 'high',
      count: 7,
    });

    for (const name of ['phone', 'note', 'count']) await field(name).fill('');
    await field('level').selectOption('absent');
    await page.getByRole('group', { name: 'tags' }).getByRole('button', { name: 'Add' }).click();
    await page.getByRole('group', { name: 'tags' }).getByRole('button', { name: 'Add' }).click();
    await page.getByRole('textbox', { name: 'tags-1' }).fill('a');
    expect(await send()).toEqual({ tags: ['a'] });

    await field('any as JSON').fill('{"toString": 1');
    await page.getByText('Is not JSON').first().waitFor();
    await page.getByRole('button', { name: 'Call' }).click();
    await status(page).getByText('NOT_SENT').waitFor();
    await field('any as JSON').fill('{"toString": 1}');
    expect(await send()).toEqual({ tags: ['a'], any: { toString: 1 } });
    await field('count').fill('12345678901234567890');
    await page.getByText('JavaScript has no such number').waitFor();
  },
);

panel(
  'names that every object has are names like others, in inputs and in errors',
  async ({ open }) => {
    await using server = await startFastify();
    const page = await open(server.url, pathLink('awkward.polluting'));
    await page.keyboard.press('Control+Enter');
    await status(page).getByText('BAD_REQUEST').or(status(page).getByText('INTERNAL')).waitFor();
    await openCall(page, 'awkward.form', { extra: 1 });
    expect(await page.getByRole('region', { name: 'Input' }).innerText()).not.toContain('polluted');
    await page.getByText('Also sent, and not in this form: extra').waitFor();
    await openCall(page, 'awkward.record', { north: 1 });
    await page.getByLabel('Name of north').fill('south');
    await page.keyboard.press('Control+Enter');
    await status(page).getByText('OK').waitFor();
    expect(await jsonOf(page)).toEqual({ south: 1 });
    await openCall(page, 'awkward.record', { constructor: 1 });
    // superjson sends no such name, and the page says so.
    expect((await call(page)).outcome).toBe('NOT_SENT');
  },
);

panel(
  'an edited call is the user’s own: links, history and Back do not bring old inputs over it',
  async ({ open }) => {
    await using server = await startFastify();
    const page = await open(server.url, linkTo('awkward.form', { note: 'from a link' }));
    await page.getByLabel('note', { exact: true }).fill('mine');
    await page.getByRole('link', { name: 'ünïcode name' }).click();
    await page.getByRole('heading', { level: 1, name: 'ünïcode name' }).waitFor();
    await page.keyboard.press('Control+Enter');
    await status(page).getByText('OK').waitFor();
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'awkward.form' }).waitFor();
    expect(await jsonOf(page)).toEqual({ note: 'mine' });
    await page.keyboard.press('Control+Enter');
    await status(page).getByText('OK').waitFor();
    await page.getByLabel('note', { exact: true }).fill('other');
    await page.getByText('History', { exact: true }).click();
    await page.getByRole('link', { name: 'awkward.form ok' }).click();
    expect(await jsonOf(page)).toEqual({ note: 'mine' });
    expect(page.url()).not.toContain('mine');
  },
);

panel('a call that runs is not made twice', async ({ next, open }) => {
  const page = await open(next.url, linkTo('wait', { ms: 60_000 }));
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.keyboard.press('Control+Enter');
  await status(page).getByText('Calling').waitFor();
  for (let times = 0; times < 2; times += 1) await page.keyboard.press('Control+Enter');
  await page.keyboard.press('Escape');
  await status(page).getByText('ABORTED').waitFor();
  expect(requests).toHaveLength(1);
});
