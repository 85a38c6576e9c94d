import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { signUp } from '@typedo/client';
import { expect, onTestFinished, test } from 'vitest';
import { succeed } from '../../../scripts/testing/commands.ts';
import { PATH } from '../../../scripts/testing/env.ts';
import { freePort } from '../../../scripts/testing/free-port.ts';

const root = join(import.meta.dirname, '../../..');

/** The repository as it is now, changes included, in a folder of its own with its packages installed. */
async function copyRepository(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'typedo-noun-'));
  onTestFinished(() => rm(copy, { recursive: true, force: true }));
  // PostgreSQL's own user, which it runs as where the tests run as root, must get in.
  await chmod(copy, 0o755);
  const files = await succeed('git', ['ls-files', '-z', '-co', '--exclude-standard'], root);
  for (const file of files.split('\0').filter((file) => file && existsSync(join(root, file)))) {
    await cp(join(root, file), join(copy, file));
  }
  // From pnpm's store alone. The lockfile is the one that the repository was installed by.
  await succeed('pnpm', ['install', '--offline', '--frozen-lockfile', '--trust-lockfile'], copy);
  return copy;
}

interface Block {
  /** `ts packages/…` is a new file, `diff` changes files, `sh` is run. */
  info: string;
  body: string;
}
const blocksOf = (markdown: string): Block[] =>
  [...markdown.matchAll(/^```(.+)\n([^]*?)^```$/gm)].map(([, info = '', body = '']) => ({
    info,
    body,
  }));

/** Applies what follows each `@@ file`: lines to add or remove beside lines that occur once. */
async function patch(copy: string, diff: string): Promise<void> {
  for (const hunk of diff.split(/^@@ /m).filter(Boolean)) {
    const [file = '', ...lines] = hunk.trimEnd().split('\n');
    const side = (sign: string) =>
      lines.flatMap((line) => (line.startsWith(sign) ? [] : [`\n${line.slice(1)}`])).join('');
    const [before = '', ...after] = `\n${await readFile(join(copy, file), 'utf8')}`.split(
      `${side('+')}\n`,
    );
    expect(after, `${file} has these lines once:${side('+')}`).toHaveLength(1);
    await writeFile(join(copy, file), [before, ...after].join(`${side('-')}\n`).slice(1));
  }
}

/** Does as a block says, and names the files that it made or changed. */
async function follow(copy: string, { info, body }: Block): Promise<string[]> {
  const [kind, file, ...rest] = info.split(' ');
  if (kind === 'ts' && file && rest.length === 0) {
    await mkdir(dirname(join(copy, file)), { recursive: true });
    await writeFile(join(copy, file), body, { flag: 'wx' });
    return [file];
  }
  if (info === 'sh') await succeed('sh', ['-ec', body], copy);
  else if (info === 'diff') await patch(copy, body);
  else throw new Error(`docs/add-a-noun.md: nobody knows what to do with \`\`\`${info}`);
  return info === 'diff' ? [...body.matchAll(/^@@ (.+\.ts)$/gm)].map(([, path = '']) => path) : [];
}

/** Starts the copy's server on data of its own, and gives its address. */
async function startServer(copy: string): Promise<string> {
  const port = await freePort();
  const child = spawn(process.execPath, ['apps/server/dist/main.js'], {
    cwd: copy,
    env: { PATH, PORT: String(port), BCRYPT_COST: '4', LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    if (child.kill()) await once(child, 'exit');
  });
  for await (const line of createInterface(child.stdout)) {
    if (line.includes('The API is ready')) return `http://localhost:${port}`;
  }
  throw new Error('The server ended before it was ready.');
}

/** Finds the noun on REST, in its document and reference, and on the command line. */
async function expectOnEveryFace(url: string, copy: string): Promise<void> {
  const user = { name: 'Ann', email: 'ann@example.com', password: 'correct horse' };
  const { session } = await signUp(url, user);
  const token = await fetch(`${url}/api/auth/token`, {
    headers: { authorization: `Bearer ${session}` },
  }).then(async (response) => ((await response.json()) as { token: string }).token);
  const made = await fetch(`${url}/api/v1/notes`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'by REST' }),
  });
  expect(made.status).toBe(201);
  expect(await (await fetch(`${url}/api/openapi.json`)).text()).toContain('"/notes/{id}"');
  expect(await (await fetch(`${url}/docs`)).text()).toContain('notes:write');

  const asUser = [`TYPEDO_URL=${url}`, `TYPEDO_SESSION=${session}`];
  const typedo = [process.execPath, 'apps/cli/src/main.ts'];
  const listed = await succeed('env', [...asUser, ...typedo, 'api', 'notes.list'], copy);
  expect(listed).toContain('by REST');
}

test('following docs/add-a-noun.md gives a noun that type-checks, migrates, is tested and callable', async () => {
  const copy = await copyRepository();
  const files: string[] = [];
  for (const block of blocksOf(await readFile(join(root, 'docs/add-a-noun.md'), 'utf8'))) {
    files.push(...(await follow(copy, block)));
  }

  await succeed('pnpm', ['oxfmt', '--check', ...new Set(files)], copy);
  await succeed('pnpm', ['oxlint', ...new Set(files)], copy);
  await succeed('pnpm', ['--filter', '@typedo/cli', 'typecheck'], copy);
  await succeed('pnpm', ['db:diff', '--check'], copy);
  const [migration = ''] = (await readdir(join(copy, 'prisma/migrations'))).toSorted().slice(-1);
  expect(migration).toMatch(/_notes$/);
  const sql = await readFile(join(copy, 'prisma/migrations', migration, 'migration.sql'), 'utf8');
  expect(sql).toMatch(/\nCALL protect_owned_table\('notes'\);\n$/);

  const url = await startServer(copy);
  const printed = await succeed(process.execPath, ['apps/cli/scripts/try-notes.ts', url], copy);
  expect(printed).toMatch(/text: 'Milk is cheaper on Mondays'/);
  await expectOnEveryFace(url, copy);
}, 600_000);
