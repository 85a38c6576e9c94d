import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, globSync, readFileSync } from 'node:fs';
import { access, chmod, copyFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, signUp } from '@typedo/client';
import { createTestDatabase } from '@typedo/db/testing';
import { afterAll, expect, inject, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { freePort } from '../../../scripts/testing/free-port.ts';
import { succeed } from '../../../scripts/testing/commands.ts';
import { serverCommand } from '../command.ts';

const root = join(import.meta.dirname, '../../..');
const deploy = join(root, 'deploy');

/** What the Containerfile says of a target: what it copies from the build, and how it is run. */
const target = (name: string) => {
  const file = readFileSync(join(deploy, 'Containerfile'), 'utf8').replaceAll('\\\n', ' ');
  const stage = file.split(/^FROM \S+ AS /m).find((text) => text.startsWith(`${name}\n`)) ?? '';
  const told = (pattern: RegExp): string => pattern.exec(stage)?.[1] ?? '';
  const list = (pattern: RegExp) => JSON.parse(told(pattern) || '[]') as string[];
  return {
    from: told(/^COPY --from=build \/src\/(\S+) \.\/$/m),
    env: Object.fromEntries(
      told(/^ENV (.*)$/m)
        .split(' ')
        .map((pair) => pair.split('=')),
    ) as Record<string, string>,
    entrypoint: list(/^ENTRYPOINT (.*)$/m),
    command: list(/^CMD (.*)$/m),
    health: list(/^HEALTHCHECK .*?CMD (.*)$/m),
  };
};

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup();
});

/** A folder that nobody can write to, with what a target copies and Node alone. */
async function bareFolder(name: string) {
  const told = target(name);
  const folder = await mkdtemp(join(tmpdir(), `typedo-${name}-`));
  cleanups.push(async () => {
    await succeed('chmod', ['-R', 'u+w', folder], root);
    await rm(folder, { recursive: true });
  });
  await cp(join(root, told.from), folder, { recursive: true, verbatimSymlinks: true });
  await copyFile(process.execPath, join(folder, 'node'), constants.COPYFILE_FICLONE);
  await chmod(folder, 0o755);
  await succeed('chmod', ['-R', 'a-w', folder], root);
  const isRoot = process.getuid?.() === 0;
  const asNobody = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
  const run = ([, ...args]: string[], env: Record<string, string>) => {
    const [command = '', ...rest] = [...asNobody, join(folder, 'node'), ...args];
    const child = spawn(command, rest, { cwd: folder, env: { ...told.env, ...env } });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => (output += text));
    const exited = once(child, 'close').then(([code]: unknown[]) => code);
    cleanups.push(async () => {
      child.kill();
      await exited;
    });
    return { exited, output: () => output, isRunning: () => child.exitCode === null };
  };
  return { ...told, folder, run };
}

test('what the container file copies serves as nobody on a read-only tree', async () => {
  const database = await createTestDatabase(inject('database'));
  cleanups.push(() => database.drop());
  await succeed('node', ['apps/web/pack.ts'], root);
  const [server, web] = [await bareFolder('server'), await bareFolder('web')];
  const [port, webPort] = [String(await freePort()), String(await freePort())];
  const env = {
    HOST: '127.0.0.1',
    PORT: port,
    WEB_PORT: webPort,
    DATABASE_URL: database.url,
    BETTER_AUTH_SECRET: 'Zk3vQ0pX9sLw2bR8nTfY6uHc1jMa5gDe',
    BETTER_AUTH_URL: `http://127.0.0.1:${webPort}`,
    API_URL: `http://127.0.0.1:${port}`,
    TRUSTED_PROXIES: '127.0.0.1',
  };
  const migrating = server.run([...server.entrypoint, 'migrate'], {
    ...env,
    DIRECT_DATABASE_URL: database.directUrl,
  });
  expect(await migrating.exited, migrating.output()).toBe(0);

  const api = server.run([...server.entrypoint, ...server.command], env);
  const pages = web.run(web.entrypoint, env);
  const isHealthy = async (one: typeof server) => {
    const check = one.run(one.health, env);
    return (await check.exited) === 0;
  };
  for (const [one, process] of [[server, api] as const, [web, pages] as const]) {
    await expect
      .poll(() => isHealthy(one), { message: process.output(), timeout: 240_000 })
      .toBe(true);
  }

  const session = await signUp(env.BETTER_AUTH_URL, {
    name: 'Ann',
    email: 'ann@example.com',
    password: 'correct horse',
  });
  const client = createClient({ url: env.BETTER_AUTH_URL, auth: session });
  await client.tasks.create.mutate({ title: 'Buy milk' });
  expect(await client.tasks.list.query({})).toMatchObject({ items: [{ title: 'Buy milk' }] });
  const page = await (await fetch(`${env.BETTER_AUTH_URL}/sign-in`)).text();
  const [script = ''] = /\/_next\/static\/[^"]+\.js/.exec(page) ?? [];
  expect((await fetch(`${env.BETTER_AUTH_URL}${script}`)).status).toBe(200);
  for (const { folder } of [server, web]) {
    await access(join(folder, 'THIRD-PARTY-LICENSES.txt'));
  }
  expect(`${api.output()}${pages.output()}`).not.toMatch(/EACCES|EROFS|"level":[56]0/);
});

test('the container starts Node as everything else does', () => {
  const { entrypoint, env } = target('server');
  expect(entrypoint.slice(1, -1)).toEqual(serverCommand.args.slice(0, -1));
  expect(env).toMatchObject(serverCommand.env);
});

/** All values of a key, however deep. */
const deep = (value: unknown, key: string): unknown[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) => [
        ...(name === key ? [inner] : []),
        ...deep(inner, key),
      ]);

test('what is deployed sets variables that there are, and nothing runs as root or can write', () => {
  const known = readFileSync(join(root, '.env.example'), 'utf8');
  const { services } = parse(readFileSync(join(deploy, 'compose.yml'), 'utf8'), {
    merge: true,
  }) as { services: Record<string, { image: string; environment?: object; read_only?: boolean }> };
  const own = Object.values(services).filter(({ image }) => /^typedo-(server|web)/.test(image));
  const names = own.flatMap(({ environment = {} }) => Object.keys(environment));
  expect(own.every((service) => service.read_only)).toBe(true);

  const files = globSync('kubernetes/*.yml', { cwd: deploy });
  const resources = files.flatMap((file) =>
    parseAllDocuments(readFileSync(join(deploy, file), 'utf8')).map((document) => {
      expect(document.errors, file).toEqual([]);
      return document.toJS() as { kind: string; data?: object };
    }),
  );
  for (const { kind, data = {} } of resources)
    if (kind === 'ConfigMap') names.push(...Object.keys(data));
  for (const env of deep(resources, 'env').flat() as { name: string }[]) names.push(env.name);
  expect(names.length).toBeGreaterThan(15);
  for (const name of names) expect(known).toMatch(new RegExp(`^#? ?${name}=`, 'm'));

  const pods = deep(resources, 'spec').filter((spec) =>
    Object.hasOwn(spec as object, 'containers'),
  );
  expect(pods).toHaveLength(4);
  for (const pod of pods) {
    expect(pod).toMatchObject({
      securityContext: { runAsNonRoot: true },
      containers: [{ securityContext: { readOnlyRootFilesystem: true } }],
    });
  }
});
