import { expect, test } from 'vitest';
import { fromJson, fromText } from './coerce.ts';
import type { JsonSchema } from './manifest.ts';

const instant = { type: 'string', format: 'date-time' };
const nullable = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });

test.each<[schema: JsonSchema, text: string, value: unknown]>([
  [{ type: 'integer' }, '5', 5],
  [{ type: 'integer' }, '05', '05'],
  [{ type: 'integer' }, '', ''],
  [{ type: 'integer' }, '1e3', '1e3'],
  [{ type: 'number' }, '-0.5', -0.5],
  [{ type: 'boolean' }, 'false', false],
  [{ type: 'boolean' }, 'FALSE', 'FALSE'],
  [{ type: 'boolean' }, '0', '0'],
  [{ type: 'string' }, '5', '5'],
  [{ type: 'string' }, 'null', 'null'],
  [nullable({ type: 'string' }), 'null', null],
  [nullable({ type: 'boolean' }), 'true', true],
  [instant, '2026-12-24T10:00:00Z', new Date('2026-12-24T10:00:00Z')],
  [instant, '2026-12-24', '2026-12-24'],
  [instant, '2026-13-24T10:00:00Z', '2026-13-24T10:00:00Z'],
  [nullable({ type: 'object', properties: { at: instant } }), '{"at":5}', { at: 5 }],
  [{ type: 'object' }, '{', '{'],
  [{ type: 'array', items: { type: 'integer' } }, '[1]', [1]],
])('by %j the text %j is %j', (schema, text, value) => {
  expect(fromText(schema, text)).toEqual(value);
});

test('JSON becomes what its schema says, in unions by their tags, and keeps what is unknown', () => {
  const schema = {
    type: 'object',
    properties: {
      due: {
        oneOf: [
          { type: 'object', properties: { kind: { const: 'at' }, value: instant } },
          { type: 'object', properties: { kind: { const: 'text' }, value: { type: 'string' } } },
        ],
      },
      times: { type: 'array', items: nullable(instant) },
    },
  };
  const time = '2026-12-24T10:00:00.000Z';
  const json = (kind: string) => ({ due: { kind, value: time }, times: [time, null], odd: [time] });
  expect(fromJson(schema, json('at'))).toEqual({
    due: { kind: 'at', value: new Date(time) },
    times: [new Date(time), null],
    odd: [time],
  });
  expect(fromJson(schema, json('text'))).toMatchObject({ due: { kind: 'text', value: time } });
  expect(fromJson(schema, [json('at')])).toEqual([json('at')]);
});
