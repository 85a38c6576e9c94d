import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { succeed } from './commands.ts';

const workspace = join(import.meta.dirname, '../..');

/** Exact versions for npm: those that the workspace itself uses. */
export async function fromCatalog(...names: string[]): Promise<string[]> {
  const catalog = await readFile(join(workspace, 'pnpm-workspace.yaml'), 'utf8');
  return names.map((name) => {
    const version = new RegExp(`^  '?${name}'?: (\\S+)$`, 'm').exec(catalog)?.[1];
    if (version === undefined) throw new Error(`The catalog has no ${name}.`);
    return `${name}@${version}`;
  });
}

/** Packs a built package into a folder as `npm publish` would, and tells where. */
export async function pack(packageFolder: string, folder: string): Promise<string> {
  const args = ['pack', '--json', '--pack-destination', folder];
  const [packed] = JSON.parse(await succeed('npm', args, packageFolder)) as { filename: string }[];
  return join(folder, packed?.filename ?? 'none');
}

/** Makes a project of modules in a new folder, with packages from npm. */
export async function makeProject(project: string, packages: string[]): Promise<void> {
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await succeed('npm', ['install', ...quietly, ...packages], project);
}
