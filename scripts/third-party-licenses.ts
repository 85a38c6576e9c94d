import { readFileSync, realpathSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { join } from 'node:path';

/** The package.json files of all that a package depends on, and of what these depend on. */
export function dependenciesOf(packageJson: string, found = new Set<string>()): string[] {
  const { dependencies = {} } = JSON.parse(readFileSync(packageJson, 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    const link = findPackageJSON(name, packageJson);
    const file = link && realpathSync(link);
    if (!file || found.has(file)) continue;
    found.add(file);
    dependenciesOf(file, found);
  }
  return [...found];
}

/** The licences of the packages that these files are of, which copies of their code must carry. */
export async function thirdPartyLicenses(files: string[]): Promise<string> {
  const folders = files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []);
  const texts = [...new Set(folders)].sort().map(async (folder) => {
    const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
      name: string;
      version: string;
      license: string;
    };
    const { name, version } = about;
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e(\.(md|txt))?$/i.test(entry));
    // Not every package comes with the text of its licence.
    const license = file
      ? await readFile(join(folder, file), 'utf8')
      : `Licence: ${about.license}, by its package.json.`;
    return `${name} ${version}\n\n${license.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`);
}
