import fc from 'fast-check';
import type { JsonSchema, ProcedureDescription } from '../src/description.ts';
import type { Json } from '../src/tagged.ts';

/* Inputs made from the schemas that the panel reads: ones that fit, and ones with something wrong. */

const formats: Record<string, string> = {
  date: '2026-12-24',
  'date-time': '2026-12-24T18:00:00.000Z',
  uuid: '0199c2d4-7a10-7cc3-98c4-dc0c0c07398f',
  email: 'ann@example.com',
};

type Schemas = Record<string, JsonSchema>;

/** Values that fit, as far as JSON Schema says. */
function fitting(schema: JsonSchema, root = schema, depth = 0): fc.Arbitrary<Json> {
  const { type, format, pattern, enum: values, additionalProperties } = schema;
  const inner = (one: unknown) => fitting(one as JsonSchema, root, depth + 1);
  const ref = ((schema.$ref ?? '') as string).replace('#/definitions/', '');
  if (ref === '#') return inner(root);
  if (ref) return inner((root.definitions as Schemas)[ref]);
  if (schema.const !== undefined) return fc.constant(schema.const as Json);
  if (Array.isArray(values)) return fc.constantFrom(...(values as Json[]));
  const variants = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  if (variants) return fc.oneof(...variants.map(inner));
  if (Array.isArray(schema.allOf)) {
    const parts = schema.allOf.map((part) => inner(part) as fc.Arbitrary<object>);
    return fc.tuple(...parts).map((objects) => Object.assign({}, ...objects) as Json);
  }
  if (Array.isArray(type)) return fc.oneof(...type.map((one) => inner({ ...schema, type: one })));
  if (type === 'string') {
    if (typeof format === 'string' && formats[format]) return fc.constant(formats[format]);
    if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
    const { minLength = 0, maxLength = 20 } = schema as { minLength?: number; maxLength?: number };
    // Texts that nothing trims away.
    const unit = fc.constantFrom(...Array.from('abcXYZ09-_é漢'));
    return fc.string({ unit, minLength, maxLength: Math.max(minLength, Math.min(20, maxLength)) });
  }
  if (type === 'integer' || type === 'number') {
    const limits = schema as { minimum?: number; exclusiveMinimum?: number; maximum?: number };
    const min = limits.minimum ?? (limits.exclusiveMinimum ?? -1) + 1;
    return fc.integer({ min, max: Math.min(limits.maximum ?? min + 50, min + 50) });
  }
  if (type === 'boolean') return fc.boolean();
  if (type === 'null') return fc.constant(null);
  if (type === 'array') {
    if (Array.isArray(schema.items)) return fc.tuple(...schema.items.map(inner));
    if (depth > 5) return fc.constant([]);
    const { minItems: minLength = 0 } = schema as { minItems?: number };
    return fc.array(inner(schema.items ?? {}), { minLength, maxLength: minLength + 2 });
  }
  if (type !== 'object') return fc.constantFrom<Json>(1, 'any', null, { deep: [true] });
  const properties = Object.entries((schema.properties ?? {}) as Schemas);
  const required = (schema.required ?? []) as string[];
  const kept = depth > 5 ? properties.filter(([name]) => required.includes(name)) : properties;
  const known = fc.record(Object.fromEntries(kept.map(([name, one]) => [name, inner(one)])), {
    requiredKeys: required,
  });
  if (typeof additionalProperties !== 'object' || additionalProperties === null) {
    return known;
  }
  const names = fc.constantFrom('north', 'south', 'ümlaut', 'a b');
  const more = fc.dictionary(names, inner(additionalProperties), { maxKeys: 2 });
  return fc.tuple(more, known).map(([some, all]) => ({ ...some, ...all }));
}

const wrong: Json[] = [null, -5, 'x'.repeat(3), true, [], [[]], { no: 'such' }];

/** The same with one thing wrong somewhere: of the wrong type, missing, or too much. */
function broken(schema: JsonSchema): fc.Arbitrary<Json> {
  const fit = fitting(schema);
  const at = fc.tuple(fc.nat(), fc.constantFrom(...wrong));
  return fc
    .tuple(fit, at, fc.nat(2), fc.boolean())
    .map(([value, [place, other], depth, isGone]) => {
      const spoil = (one: Json, left: number): Json => {
        if (typeof one !== 'object' || one === null || Object.keys(one).length === 0) return other;
        const keys = Object.keys(one);
        const key = keys[place % keys.length] ?? '';
        const held = (one as Record<string, Json>)[key] ?? null;
        if (isGone && left === 0 && !Array.isArray(one)) {
          return Object.fromEntries(Object.entries(one).filter(([name]) => name !== key));
        }
        const spoilt = left === 0 || key.startsWith('$') ? other : spoil(held, left - 1);
        return Array.isArray(one) ? one.with(Number(key), spoilt) : { ...one, [key]: spoilt };
      };
      return spoil(value, depth);
    });
}

const sample = <Value>(arbitrary: fc.Arbitrary<Value>, numRuns: number, seed: number): Value[] =>
  fc.sample(arbitrary, { numRuns, seed });

/** Inputs to call a procedure with; none at all where it takes none. */
export function inputsOf(
  { input }: ProcedureDescription,
  each: number,
  seed: number,
): { fit: (Json | undefined)[]; spoilt: Json[] } {
  if (input === undefined) return { fit: [undefined], spoilt: [] };
  const fit = sample(fitting(input), each, seed);
  return { fit, spoilt: sample(broken(input), each, seed) };
}
