import { manifest } from '@typedo/api';
import type { JsonSchema, ManifestProcedure } from '@typedo/contract';
import { expect, test } from 'vitest';
import { casesOf, inputOf } from '../src/parameters.ts';

const procedure = (path: string, properties: Record<string, JsonSchema>): ManifestProcedure => ({
  path,
  kind: 'mutation',
  access: 'user',
  scope: null,
  summary: '',
  errors: [],
  weight: 1,
  input: { type: 'object', properties, required: Object.keys(properties) },
  output: {},
});
const uuid: JsonSchema = { type: 'string', format: 'uuid' };
const cases = (...procedures: ManifestProcedure[]) => casesOf({ version: 1, procedures });
const filling = { marker: 'mine', ownId: (noun: string, index: number) => `own ${noun} ${index}` };

test('every procedure of the router is known', () => {
  const known = new Set(casesOf(manifest).map((one) => one.procedure.path));
  expect(known).toEqual(new Set(manifest.procedures.map(({ path }) => path)));
});

test('an id is found in objects and in each place of an array, with own ids around it', () => {
  const patches = {
    type: 'array',
    items: { type: 'object', properties: { id: uuid }, required: ['id'] },
  };
  const found = cases(procedure('tasks.patch', { patches }));
  expect(found.map((one) => inputOf(one, filling, 'X'))).toEqual([
    { patches: [{ id: 'X' }, { id: 'own tasks 2' }, { id: 'own tasks 3' }] },
    { patches: [{ id: 'own tasks 1' }, { id: 'X' }, { id: 'own tasks 3' }] },
    { patches: [{ id: 'own tasks 1' }, { id: 'own tasks 2' }, { id: 'X' }] },
  ]);
});

test('an id of another noun and a cursor are parameters, each with the other filled in', () => {
  const cursor = { type: 'string' };
  const found = cases(
    procedure('lists.get', { id: uuid }),
    procedure('tasks.list', { listId: { anyOf: [uuid, { type: 'null' }] }, cursor }),
  );
  expect(found.map(({ parameter }) => parameter?.noun)).toEqual(['lists', 'lists', 'tasks']);
  expect(found.map(({ parameter }) => parameter?.kind)).toEqual(['id', 'id', 'cursor']);
});

test.each<[string, Record<string, JsonSchema>]>([
  ['an id of nothing that is known', { tagId: uuid }],
  ['a string that might be one', { since: { type: 'string' } }],
  ['a number that might be a place in a stream', { position: { type: 'integer' } }],
  ['anything at all', { extra: {} }],
  ['a record', { byId: { type: 'object', additionalProperties: uuid } }],
])('%s fails the run', (_, properties) => {
  expect(() => cases(procedure('tasks.find', properties))).toThrow(/is not known/);
});
