import type { JsonSchema, Manifest, ManifestProcedure } from '@typedo/contract';
import fc from 'fast-check';
import { accessToken, signUpTestUser, type TestApp } from './harness.ts';
import type { Call } from './requests.ts';

const uuid = (end: number): string => `0199c2d4-7a10-7cc3-98c4-${String(end).padStart(12, '0')}`;

/** What each user of a corpus has before its first call, under ids that are the same for all. */
export const known = {
  openList: uuid(1),
  archivedList: uuid(2),
  tasks: [uuid(11), uuid(12), uuid(13), uuid(14)],
};
const ids = [known.openList, known.archivedList, ...known.tasks, uuid(99)];

/** A new user who has what every other user of the corpus has. */
export async function signUpCorpusUser(app: Pick<TestApp, 'url'>) {
  const { client, session } = await signUpTestUser(app);
  const { openList, archivedList, tasks } = known;
  await client.lists.create.mutate({ id: openList, name: 'open' });
  await client.lists.create.mutate({ id: archivedList, name: 'archived' });
  await client.lists.archive.mutate({ id: archivedList });
  for (const id of tasks) await client.tasks.create.mutate({ id, title: id });
  return { session: session.session, jwt: await accessToken(app, session) };
}

// Good for nothing, or nearly good: what callers send by mistake or on purpose.
const nastyTexts = [
  ['', ' ', '\0', '\uD800', 'null', 'true', '5', '-', '..', 'a/b?c#d', '%00', 'x'.repeat(10_001)],
  ['2026-02-30', '2026-12-24', '2026-12-24T10:00:00Z', uuid(11).toUpperCase(), 'WyJ4Il0'],
].flat();
const nastyDues = [
  { kind: 'date' },
  { kind: 'date', date: '2026-02-30' },
  { kind: 'date', date: '2026-12-24' },
  { kind: 'zoned', at: new Date(0), timeZone: 'UTC' },
];
const nastyLists = [[], [1], ['tasks:read', 'tasks:read']];
const nastyRest = [
  -1,
  0,
  1,
  1.5,
  1e308,
  2 ** 31,
  true,
  false,
  null,
  {},
  new Date(0),
  new Date(4e12),
];
const nasty: unknown[] = [...nastyTexts, ...nastyDues, ...nastyLists, ...nastyRest];

/** Values that fit the schema, as far as JSON Schema can tell. */
function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { type, format, anyOf, oneOf, items, minimum, maximum, maxLength } = schema;
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const options = anyOf ?? oneOf;
  if (options) return fc.oneof(...options.map(fitting));
  if (format === 'uuid') return fc.constantFrom(...ids);
  if (format === 'date') return fc.constantFrom('2026-12-24', '2024-02-29', '0001-01-01');
  if (format === 'date-time') return fc.constantFrom(new Date(0), new Date(4e12));
  if (type === 'string')
    return fc.string({ unit: 'binary', maxLength: Math.min(20, maxLength ?? 20) });
  if (type === 'integer') {
    return fc.integer({ min: minimum ?? 0, max: Math.min(maximum ?? 3, (minimum ?? 0) + 3) });
  }
  if (type === 'boolean') return fc.boolean();
  if (type === 'array') return fc.uniqueArray(fitting(items ?? {}), { maxLength: 3 });
  return type === 'object' ? object(schema) : fc.constant(null);
}

const object = ({ properties = {}, required = [] }: JsonSchema): fc.Arbitrary<unknown> =>
  fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, fitting(one)])),
    { requiredKeys: required },
  );

/** Inputs with something wrong: a field, one too many or too few, or no object. */
const broken = ({ input }: ManifestProcedure): fc.Arbitrary<unknown> => {
  const names = [...Object.keys(input.properties ?? {}), 'ownerId', 'toString'];
  const good = object(input);
  const withNasty = fc
    .tuple(good, fc.constantFrom(...names), fc.constantFrom(...nasty))
    .map(([fields, name, value]) =>
      Object.fromEntries([...Object.entries(fields as object), [name, value]]),
    );
  const without = fc
    .tuple(good, fc.constantFrom(...names))
    .map(([fields, name]) =>
      Object.fromEntries(Object.entries(fields as object).filter(([key]) => key !== name)),
    );
  return fc.oneof(
    { weight: 5, arbitrary: withNasty },
    { weight: 1, arbitrary: without },
    { weight: 1, arbitrary: fc.constantFrom(undefined, null, [], 'x', 5) },
  );
};

/** Calls of every procedure with as many good and broken inputs, in an order that the seed decides. */
export function corpus(
  { procedures }: Manifest,
  each: { valid: number; broken: number },
  seed: number,
): Call[] {
  const cases = procedures.flatMap((procedure) =>
    [
      ...fc.sample(object(procedure.input), { numRuns: each.valid, seed }),
      ...fc.sample(broken(procedure), { numRuns: each.broken, seed }),
    ].map((input) => ({ procedure, input })),
  );
  const all = { minLength: cases.length, maxLength: cases.length };
  return fc.sample(fc.shuffledSubarray(cases, all), { numRuns: 1, seed }).flat();
}

/** A value that fits the schema, for the fields that are not under test. */
export const valid = (schema: JsonSchema): unknown => {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf?.some(({ type }) => type === 'null')) return null;
  if (schema.anyOf) return valid(schema.anyOf[0] ?? {});
  if (schema.format === 'uuid' || /0-9a-f/i.test(String(schema.pattern))) {
    return '0199c2d4-7a10-7cc3-98c4-dc0c0c07398f';
  }
  if (schema.type === 'array') return [valid(schema.items ?? {})];
  return { string: 'x', boolean: true, integer: 1 }[String(schema.type)];
};

/** The fields of a procedure's input. */
export const fieldsOf = ({ input }: ManifestProcedure): [string, JsonSchema][] =>
  Object.entries(input.properties ?? {});

/** The least that a procedure takes. */
export const requiredOf = (procedure: ManifestProcedure): Record<string, unknown> =>
  Object.fromEntries(
    fieldsOf(procedure)
      .filter(([name]) => procedure.input.required?.includes(name))
      .map(([name, schema]) => [name, valid(schema)]),
  );
