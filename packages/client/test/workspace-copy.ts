import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { run } from '../../../scripts/testing/commands.ts';

const root = join(import.meta.dirname, '../../..');
const built = ['contract', 'db', 'auth', 'api', 'client'].map((name) => `packages/${name}`);

export interface WorkspaceCopy {
  root: string;
  tsc: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The workspace's sources in a folder of their own, with fresh declarations: tests that rename a
 * field or pack the client leave the real `dist` folders to whoever else works with them. Tests
 * stay behind, since no declaration comes of them.
 */
export async function copyWorkspace(): Promise<WorkspaceCopy> {
  const copy = await mkdtemp(join(tmpdir(), 'typedo-workspace-'));
  const folders = [
    ...built,
    'apps/cli',
    'apps/server',
    'scripts',
    'tsconfig.base.json',
    'package.json',
  ];
  for (const folder of folders) {
    await cp(join(root, folder), join(copy, folder), {
      recursive: true,
      // pnpm's links are relative: the copy's packages see each other, and the real node_modules.
      verbatimSymlinks: true,
      filter: (path) => basename(path) !== 'dist' && !path.endsWith('.test.ts'),
    });
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  for (const folder of built) {
    // Whether each package compiles is `pnpm typecheck`'s question; here it is what callers see.
    await run(process.execPath, [tsc, '-p', folder, '--noEmitOnError', 'false'], copy);
  }
  // Made by running the router, which needs more than is copied.
  for (const file of ['manifest.js', 'manifest.d.ts']) {
    const path = `packages/client/dist/${file}`;
    await cp(join(root, path), join(copy, path));
  }
  return {
    root: copy,
    tsc,
    [Symbol.asyncDispose]: () => rm(copy, { recursive: true, force: true }),
  };
}
