import { execFile } from 'node:child_process';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { manifest } from '@typedo/api';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import spectral, { type RulesetDefinition } from '@stoplight/spectral-core';
import owasp from '@stoplight/spectral-owasp-ruleset';
import rulesets from '@stoplight/spectral-rulesets';
import { expect, test } from 'vitest';
import { openApiClientTypes } from '../../../scripts/openapi-types.ts';
import { createOpenApi } from '../src/faces/rest/openapi.ts';
import { signUpTestUser, startTestApp } from './harness.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
// As an operator serves it: one of OWASP's rules is about plain HTTP.
const document = createOpenApi(manifest, 'https://typedo.example');

test('redocly’s recommended rules find nothing in the document', async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
});

test('spectral’s rules for OpenAPI and OWASP’s for APIs find nothing in it', async () => {
  const linter = new spectral.Spectral();
  // Each of these packages has its own idea of the others' types.
  const known = { oas: rulesets.oas, owasp } as unknown as Record<string, RulesetDefinition>;
  linter.setRuleset({ extends: Object.values(known) });
  const problems = await linter.run(JSON.parse(JSON.stringify(document)));
  expect(problems.map(({ code, path }) => `${code} ${path.join('/')}`)).toEqual([]);
});

test('a client made of the document alone creates, lists, patches and deletes tasks', async () => {
  await using app = await startTestApp();
  const served: unknown = await (await fetch(`${app.url}/api/openapi.json`)).json();
  const folder = join(import.meta.dirname, '../dist/openapi-client');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'schema.ts'), await openApiClientTypes(served));
  const program = join(folder, 'use-tasks.ts');
  await copyFile(join(import.meta.dirname, 'openapi-client/use-tasks.ts'), program);
  const compile = ['--noEmit', '--strict', '--module', 'nodenext', '--allowImportingTsExtensions'];
  const types = ['--types', 'node', '--target', 'es2024', '--ignoreConfig', program];
  await run(join(root, 'node_modules/.bin/tsc'), [...compile, ...types], { cwd: folder });

  const { client } = await signUpTestUser(app);
  const { token } = await client.tokens.create.mutate({
    name: 'x',
    scopes: ['tasks:write'],
    expiresAt: null,
  });
  const { stdout } = await run(process.execPath, [program, `${app.url}/api/v1`, token]);
  expect(JSON.parse(stdout)).toEqual({
    titles: ['Pay rent'],
    priority: 'high',
    stale: 'VERSION_CONFLICT',
    isDeleted: true,
    left: 0,
  });
});
