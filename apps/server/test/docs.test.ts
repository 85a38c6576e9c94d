import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const documents = globSync(['*.md', 'docs/**/*.md', 'packages/*/*.md', 'apps/*/*.md'], {
  cwd: root,
});
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

test('every file that a document links to is there', () => {
  const missing = documents.flatMap((document) =>
    [...textOf(document).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => !existsSync(join(root, dirname(document), target)))
      .map((target) => `${document}: ${target}`),
  );
  expect(documents.length).toBeGreaterThan(4);
  expect(missing).toEqual([]);
});

test('every script that a document names exists', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  const builtIn = ['install', 'exec', 'vitest', 'rebuild'];
  const unknown = documents.flatMap((document) =>
    [...textOf(document).matchAll(/pnpm(?:@12)? (?!-)([a-z][a-z0-9:]*)/g)]
      .map(([, script = '']) => script)
      .filter((script) => !(script in scripts) && !builtIn.includes(script))
      .map((script) => `${document}: pnpm ${script}`),
  );
  expect(unknown).toEqual([]);
});

test('the figures of no document name a host or a path of the machine that it was written on', () => {
  for (const document of documents) expect(textOf(document)).not.toMatch(/\/(work|root|tmp)\//);
});
