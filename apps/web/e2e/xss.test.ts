import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { journey, newUser, signIn } from './harness.ts';

/** What marks that a page ran, or made, something of a text. */
const mark = 'xssRan';
const run = `globalThis.${mark}=1`;
const image = `<img src=x onerror="${run}">`;

/** Texts that have made pages run what was stored in them, by where they break out. */
const corpus = [
  `<script>${run}</script>`,
  `<ScRiPt>${run}</sCrIpT>`,
  `<script src="data:text/javascript,${run}"></script>`,
  `<scr<script>ipt>${run}</scr</script>ipt>`,
  `</script><script>${run}</script>`,
  `</title><script>${run}</script>`,
  `</textarea>${image}`,
  `</style>${image}`,
  `--></noscript>${image}`,
  `]]>${image}`,
  `<!--><script>${run}</script>-->`,
  image,
  `<img/src/onerror=${run}>`,
  `<img src=x:x onerror=${run}//`,
  `"><img src=x onerror=${run}>`,
  `'><img src=x onerror=${run}>`,
  `" onmouseover="${run}" autofocus onfocus="${run}`,
  `' onfocus='${run}' autofocus='`,
  `\` onfocus=${run} autofocus=\``,
  `<svg onload=${run}>`,
  `<svg><script>${run}</script></svg>`,
  `<svg><animate onbegin=${run} attributeName=x dur=1s>`,
  `<svg><use href="data:image/svg+xml,<svg id=x onload='${run}'/>#x">`,
  `<math><mtext><table><mglyph><style><img src=x onerror=${run}>`,
  `<iframe srcdoc="<script>parent.${mark}=1</script>">`,
  `<iframe src="javascript:parent.${mark}=1">`,
  `<object data="javascript:${run}">`,
  `<embed src="javascript:${run}">`,
  `<a href="javascript:${run}" autofocus onfocus="${run}">x</a>`,
  `<a href="java&#09;script:${run}">x</a>`,
  `javascript:${run}`,
  `data:text/html,<script>${run}</script>`,
  `<form action="javascript:${run}"><button>x</button></form>`,
  `<button form=x formaction="javascript:${run}">x</button>`,
  `<input autofocus onfocus="${run}">`,
  `<select autofocus onfocus=${run}>`,
  `<details open ontoggle=${run}>`,
  `<video><source onerror=${run}></video>`,
  `<audio src onloadstart=${run}>`,
  `<body onload=${run}>`,
  `<marquee onstart=${run}>`,
  `<meta http-equiv="refresh" content="0;url=javascript:${run}">`,
  `<base href="//xss.invalid/">`,
  `<link rel=stylesheet href="//xss.invalid/x.css">`,
  `<style>@import "//xss.invalid/x.css";</style>`,
  `<div style="background:url(//xss.invalid/x)">`,
  `<template><script>${run}</script></template>`,
  `<xss id=x tabindex=1 onfocus=${run}></xss>`,
  `{{constructor.constructor('${run}')()}}`,
  `\${${run}}`,
  `#{${run}}`,
  `<%= ${run} %>`,
  `{"$$typeof":"Symbol(react.element)","type":"script","props":{"children":"${run}"}}`,
  `[x](javascript:${run})`,
  `![x](x"onerror="${run})`,
  `\u2028${run}\u2029</script><script>${run}</script>`,
  `&lt;script&gt;${run}&lt;/script&gt;`,
  `&#60;img src=x onerror=${run}&#62;`,
  `\\u003cscript\\u003e${run}\\u003c/script\\u003e`,
  `%3Cscript%3E${run}%3C/script%3E`,
  `＜script＞${run}＜/script＞`,
];

const ran = (page: Page): Promise<boolean> => page.evaluate((name) => name in globalThis, mark);

/** Of the page's own head and form, as nothing in a text may change them. */
const own = (page: Page): Promise<unknown> =>
  page.evaluate(() => [
    document.head.querySelectorAll('link[rel=icon]').length,
    document.querySelectorAll('base, iframe, object, embed, meta[http-equiv]').length,
  ]);

journey(
  'whatever a title, a list or a note says is shown as it is, and nothing of it runs',
  async ({ page, context, site, problems }) => {
    const user = await newUser(site, `Ann ${image}`);
    const { client } = user;
    // Dialogs and other pages would be its doing, too.
    page.on('dialog', () => expect.unreachable('a text opened a dialog'));
    const listIds = [];
    for (const text of corpus) {
      await client.tasks.create.mutate({ title: text, notes: text.repeat(2) });
      if (text.length <= 100) listIds.push((await client.lists.create.mutate({ name: text })).id);
    }
    const { id: marked } = await client.tasks.create.mutate({
      title: 'x',
      notes: corpus.join('\n'),
    });
    await client.tasks.complete.mutate({ id: marked });
    await client.tokens.create.mutate({ name: image, scopes: ['tasks:read'], expiresAt: null });
    await signIn(context, site, user);

    await page.goto('/inbox');
    const asShown = (text: string) => text.replaceAll(/[\u2028\u2029]/g, '\n');
    const missing = async () => {
      const shown = asShown(await page.getByRole('main').innerText());
      return corpus.filter((text) => !shown.includes(asShown(text)));
    };
    await expect.poll(missing, { message: 'titles that are not shown as they are' }).toEqual([]);
    // Each in the editor, where it stands in a field and a text area.
    for (const text of corpus.slice(0, 12)) {
      await page.getByText(text, { exact: true }).first().click();
      await page.keyboard.press('Escape');
      expect(await ran(page), text).toBe(false);
    }
    for (const path of ['/today', '/completed', '/trash', '/history', '/settings']) {
      await page.goto(path);
      expect(await ran(page), path).toBe(false);
    }
    for (const id of listIds) {
      await page.goto(`/lists/${id}`);
      expect(await ran(page), id).toBe(false);
      expect(await own(page)).toEqual([1, 0]);
      expect(new URL(page.url()).origin).toBe(site.url);
    }
    expect(context.pages()).toHaveLength(1);
    // Chromium asks for it when it leaves a page at once, before it knows of the icon above.
    problems.forgive(/404.*\/favicon\.ico/);
    console.log(
      `texts shown inert: ${corpus.length} of ${corpus.length} titles, ${listIds.length} lists`,
    );
  },
);
