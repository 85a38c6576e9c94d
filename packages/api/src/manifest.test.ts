import { errors } from '@typedo/contract';
import { initTRPC } from '@trpc/server';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createManifest, manifest } from './manifest.ts';
import type { ProcedureMeta } from './trpc.ts';

test('the manifest names every procedure, by noun and verb', () => {
  expect(manifest.procedures.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
    'mutation account.delete',
    'query account.export',
    'query account.me',
    'query history.list',
    'mutation history.undo',
    'mutation lists.archive',
    'mutation lists.create',
    'mutation lists.delete',
    'query lists.get',
    'query lists.list',
    'mutation lists.update',
    'subscription sync.changes',
    'query sync.position',
    'query sync.pull',
    'mutation sync.push',
    'mutation tasks.complete',
    'mutation tasks.create',
    'mutation tasks.delete',
    'query tasks.get',
    'query tasks.list',
    'mutation tasks.move',
    'mutation tasks.reopen',
    'mutation tasks.restore',
    'mutation tasks.update',
    'mutation tokens.create',
    'query tokens.list',
    'mutation tokens.revoke',
  ]);
});

test('each procedure says what it does, what it takes and gives, and how it fails', () => {
  for (const procedure of manifest.procedures) {
    expect(procedure.summary, procedure.path).toMatch(/^[A-Z].*\.$/);
    expect(procedure.scope === null, procedure.path).toBe(procedure.access === 'session');
    expect(procedure.input, procedure.path).toMatchObject({ additionalProperties: false });
    expect(procedure.output, procedure.path).toMatchObject({ type: 'object' });
    expect(procedure.errors.every((code) => code in errors)).toBe(true);
    expect(procedure.errors).toContain('VALIDATION_FAILED');
  }
});

test('dates are instants of RFC 3339 in it', () => {
  const create = manifest.procedures.find(({ path }) => path === 'tasks.create');
  expect(create?.output).toMatchObject({
    properties: { createdAt: { type: 'string', format: 'date-time' } },
  });
});

test('the manifest is data: it survives JSON', () => {
  expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest);
});

test('a procedure without a schema is no part of the product', () => {
  const t = initTRPC.meta<ProcedureMeta>().create();
  const undocumented = t.router({ bare: t.procedure.query(() => 1) });
  expect(() => createManifest(undocumented)).toThrow('bare has no documentation');
  const documented = t.procedure.meta({
    access: 'user',
    summary: 'Is bare.',
    errors: [],
    weight: 1,
  });
  const untyped = t.router({ bare: documented.query(() => 1) });
  expect(() => createManifest(untyped)).toThrow('bare has no input schema');
  const typed = documented.input(z.object({})).output(z.object({}));
  const unnamed = t.router({ bare: t.router({ list: typed.query(() => ({})) }) });
  expect(() => createManifest(unnamed)).toThrow('bare.list asks for bare:read');
});
