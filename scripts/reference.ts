import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Application } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';

/** The reference of a package by the docstrings of its declarations, as one page of Markdown. */
export async function reference(entry: string, tsconfig: string): Promise<string> {
  const out = join(dirname(entry), 'reference');
  const tables = [
    'parameters',
    'interfaceProperties',
    'classProperties',
    'typeDeclaration',
  ] as const;
  const markdown: Partial<PluginOptions> = {
    outputFileStrategy: 'modules',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    ...Object.fromEntries(tables.map((name) => [`${name}Format`, 'table'])),
  };
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: [entry],
    tsconfig,
    out,
    readme: 'none',
    disableSources: true,
    excludeExternals: true,
    logLevel: 'Error',
    ...(markdown as object),
  });
  const project = await app.convert();
  if (!project) throw new Error('The declarations cannot be read.');
  await app.generateOutputs(project);
  const page = await readFile(join(out, 'README.md'), 'utf8');
  await rm(out, { recursive: true });
  return page;
}
