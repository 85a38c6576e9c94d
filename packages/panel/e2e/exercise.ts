import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { ProcedureDescription, RouterDescription } from '../src/description.ts';
import type { Json } from '../src/tagged.ts';
import { inputsOf } from './inputs.ts';

/** How a call ended, as the page shows it. */
interface Shown {
  /** `OK`, or the code of the error. */
  outcome: string;
  /** What is wrong with the input, where, as the list above the form has it. */
  issues: { path: string; message: string }[];
}

/** Opens a call by its link, and waits for its form. */
export async function openCall(page: Page, path: string, input?: Json): Promise<void> {
  const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
  // By way of the start, so that the same call twice is opened anew.
  await page.evaluate(() => void (location.hash = ''));
  await page
    .getByRole('heading', { level: 1, name: path, exact: true })
    .waitFor({ state: 'detached' });
  await page.evaluate((hash) => void (location.hash = hash), `${path}${query}`);
  await page.getByRole('heading', { level: 1, name: path, exact: true }).waitFor();
}

const result = (page: Page) => page.getByRole('region', { name: 'Result' });

/** Calls what is open, by key, and waits for how it ends. */
export async function call(page: Page): Promise<Shown> {
  await page.keyboard.press('Control+Enter');
  const status = result(page).getByRole('status');
  await status.filter({ hasNotText: 'Calling' }).waitFor();
  const outcome = /^[A-Za-z_]+/.exec(await status.innerText())?.[0] ?? '';
  const issues = await page
    .getByRole('list', { name: 'What is wrong' })
    .getByRole('listitem')
    .all();
  return {
    outcome,
    issues: await Promise.all(
      issues.map(async (issue) => {
        const path = await issue.getByRole('button').innerText();
        return { path, message: (await issue.innerText()).slice(path.length).trim() };
      }),
    ),
  };
}

/** What the page's JSON editor holds. */
export async function jsonOf(page: Page): Promise<Json | undefined> {
  await page.getByRole('button', { name: 'JSON', exact: true }).click();
  const text = await page.getByLabel('Input as JSON').inputValue();
  const form = page.getByRole('button', { name: 'Form', exact: true });
  if (await form.isVisible()) await form.click();
  return text === '' ? undefined : (JSON.parse(text) as Json);
}

/** Issues that are not told at their field; of the whole input, anywhere in its form. */
const untold = async (page: Page, issues: Shown['issues']): Promise<string[]> =>
  page.evaluate(
    (all) =>
      all.flatMap(({ path, message }) => {
        const id = CSS.escape(['input', ...path.split('.')].join('_'));
        const field = document.querySelector(`[id="${id}"], label[for="${id}"]`)?.closest('.field');
        const told =
          (path === 'input' ? document.querySelector('.form') : field)?.textContent ?? '';
        return told.includes(message) ? [] : [`${path}: ${message}`];
      }),
    issues,
  );

export interface Exercised {
  /** Procedures called with inputs that fit, and how many of these calls showed how they ended. */
  fit: { procedures: number; calls: number; shown: number };
  /** The same for inputs that the service refused: how many showed what is wrong at its field. */
  spoilt: { procedures: number; calls: number; shown: number };
  /** What each call that did not show it was, a line each. */
  failures: string[];
}

/** Calls every procedure but subscriptions with made inputs through the page, and looks what it shows. */
export async function exercise(page: Page, each: number, seed: number): Promise<Exercised> {
  const { procedures } = await page.evaluate(
    () =>
      JSON.parse(document.querySelector('#description')?.textContent ?? '') as RouterDescription,
  );
  const failures: string[] = [];
  const fit = { procedures: 0, calls: 0, shown: 0 };
  const spoilt = { procedures: 0, calls: 0, shown: 0 };
  const isCallable = ({ kind }: ProcedureDescription) => kind !== 'subscription';
  for (const procedure of procedures.filter(isCallable)) {
    const { path } = procedure;
    const inputs = inputsOf(procedure, each, seed);
    fit.procedures += 1;
    for (const input of inputs.fit) {
      await openCall(page, path, input);
      const { outcome } = await call(page);
      const kept = input === undefined ? undefined : await jsonOf(page);
      const isShown = /^(OK|[A-Z_]{4,})$/.test(outcome);
      const isKept = JSON.stringify(kept) === JSON.stringify(input);
      fit.calls += 1;
      if (isShown && isKept) fit.shown += 1;
      else
        failures.push(`${path} ${JSON.stringify(input)}: ${outcome}, kept ${JSON.stringify(kept)}`);
    }
    let refused = 0;
    for (const input of inputs.spoilt) {
      await openCall(page, path, input);
      const { outcome, issues } = await call(page);
      // What was spoilt may still be good, or good enough to be refused for another reason.
      if (!['BAD_REQUEST', 'VALIDATION_FAILED'].includes(outcome)) continue;
      refused += 1;
      const missing = await untold(page, issues);
      if (issues.length > 0 && missing.length === 0) spoilt.shown += 1;
      else failures.push(`${path} ${JSON.stringify(input)}: ${outcome}, untold ${missing.join()}`);
    }
    spoilt.calls += refused;
    if (refused > 0) spoilt.procedures += 1;
  }
  return { fit, spoilt, failures };
}

/** Nothing may be left untold. */
export function expectAllShown({ fit, spoilt, failures }: Exercised): void {
  expect(failures).toEqual([]);
  expect(fit.shown).toBe(fit.calls);
  expect(spoilt.shown).toBe(spoilt.calls);
}
