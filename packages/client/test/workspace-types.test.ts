import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { run, succeed } from '../../../scripts/testing/commands.ts';
import { startLanguageServer } from './language-server.ts';
import { copyWorkspace, type WorkspaceCopy } from './workspace-copy.ts';

let copy: WorkspaceCopy;
beforeAll(async () => {
  copy = await copyWorkspace();
  return () => copy[Symbol.asyncDispose]();
});

const tsc = (...args: string[]) => run(process.execPath, [copy.tsc, ...args], copy.root);

/** Line and column of the first `name` after `before`, both from 0. */
function positionOf(text: string, before: string, name: string) {
  const start = text.indexOf(before + name) + before.length;
  const lines = text.slice(0, start).split('\n');
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

describe('an editor', () => {
  test('goes from client.tasks.create to the source of that procedure', async () => {
    const file = join(copy.root, 'packages/client/src/scratch.ts');
    const text = [
      "import { createClient } from './index.ts';",
      "const client = createClient({ url: 'http://localhost:3000' });",
      "await client.tasks.create.mutate({ title: 'Buy milk' });",
      "await client.lists.archive.mutate({ id: '0199c2d4-7a10-7cc3-98c4-dc0c0c07398f' });",
    ].join('\n');
    await using server = await startLanguageServer(copy.tsc, copy.root);
    server.open(file, text);

    for (const [noun, verb] of [
      ['tasks', 'create'],
      ['lists', 'archive'],
    ] as const) {
      const source = join(copy.root, `packages/api/src/${noun}/${noun}.router.ts`);
      expect(await server.definition(file, positionOf(text, `client.${noun}.`, verb))).toEqual([
        { file: source, ...positionOf(await readFile(source, 'utf8'), '\n  ', `${verb}:`) },
      ]);
    }
  });
});

describe('renaming a field of Task in the contract', () => {
  const checks = ['packages/client/tsconfig.test.json', 'apps/cli/tsconfig.json'];

  test('stops the client and the command line from compiling', async () => {
    for (const project of checks) {
      const { exitCode, output } = await tsc('-p', project, '--noEmit');
      expect(output, `${project} before`).toBe('');
      expect(exitCode).toBe(0);
    }

    const path = join(copy.root, 'packages/contract/src/tasks.ts');
    const source = await readFile(path, 'utf8');
    const renamed = source
      .replace(/(interface Task \{[^}]*?\n {2})title:/, '$1name:')
      .replace(/(taskSchema: [^]*?\n {4})title:/, '$1name:');
    expect(renamed.match(/^ +name:/gm)).toHaveLength(2);
    await writeFile(path, renamed);
    await succeed(process.execPath, [copy.tsc, '-p', 'packages/contract'], copy.root);

    for (const project of checks) {
      const { exitCode, output } = await tsc('-p', project, '--noEmit');
      expect(exitCode, `${project} after`).not.toBe(0);
      expect(output).toMatch(/Property 'title' (does not exist on|is missing in) type/);
    }
  });
});
