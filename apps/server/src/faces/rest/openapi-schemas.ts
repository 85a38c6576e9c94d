import type { JsonSchema } from '@typedo/contract';

/** What strings of a format are at most, which their JSON Schemas leave unsaid. */
const lengthOfFormat: Record<string, number> = { uuid: 36, date: 10, 'date-time': 35 };
const int32 = 2 ** 31;

/** The same schema with each part changed, inner parts first. */
function map(schema: JsonSchema, change: (schema: JsonSchema) => JsonSchema): JsonSchema {
  const each = (parts: JsonSchema[]) => parts.map((part) => map(part, change));
  const { properties, items, anyOf, oneOf } = schema;
  return change({
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, map(property, change)]),
      ),
    }),
    ...(items && { items: map(items, change) }),
    ...(anyOf && { anyOf: each(anyOf) }),
    ...(oneOf && { oneOf: each(oneOf) }),
  });
}

const withBounds = (schema: JsonSchema): JsonSchema => {
  const { type, format, maximum } = schema;
  if (type === 'integer' && !format) {
    return { ...schema, format: Number(maximum) < int32 ? 'int32' : 'int64' };
  }
  const maxLength = lengthOfFormat[format ?? ''];
  return maxLength && !schema.maxLength ? { ...schema, maxLength } : schema;
};

/** `null` beside one plain type is written as OpenAPI 3.1 writes it: `type: [string, null]`. */
const withNullable = (schema: JsonSchema): JsonSchema => {
  const { anyOf, ...rest } = schema;
  const [plain, none] = anyOf ?? [];
  if (anyOf?.length !== 2 || none?.type !== 'null' || typeof plain?.type !== 'string')
    return schema;
  const values = plain.enum && { enum: [...plain.enum, null] };
  return { ...plain, ...rest, type: [plain.type, 'null'], ...values };
};

/** Gives schemas the form that OpenAPI's readers expect, and gathers those with a title. */
export function createComponents() {
  const schemas: Record<string, JsonSchema> = {};
  const gather = (schema: JsonSchema): JsonSchema => {
    const { title, ...rest } = withNullable(withBounds(schema));
    if (title === undefined) return rest;
    schemas[title] = rest;
    return { $ref: `#/components/schemas/${title}` };
  };
  return { schemas, use: (schema: JsonSchema): JsonSchema => map(schema, gather) };
}

/** A value that fits the schema, as its authors would write it. */
export function exampleOf(schema: JsonSchema): unknown {
  const { type, format, examples, anyOf, oneOf, items, properties } = schema;
  if (Array.isArray(examples)) return examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [first] = anyOf ?? oneOf ?? [];
  if (first) return exampleOf(first);
  if (type === 'object') {
    return Object.fromEntries(
      Object.entries(properties ?? {}).map(([name, property]) => [name, exampleOf(property)]),
    );
  }
  if (type === 'array') return items ? [exampleOf(items)] : [];
  if (format === 'uuid') return '0199c2d4-7a10-7cc3-98c4-dc0c0c07398f';
  if (format === 'date-time') return '2026-11-21T09:30:00.000Z';
  if (type === 'integer' || type === 'number') return schema.minimum ?? 0;
  return type === 'boolean' ? false : null;
}
