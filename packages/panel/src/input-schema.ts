import type { JsonSchema } from './description.ts';
import { taggedSchema } from './tagged.ts';

/** What a schema library says of its own schema. @see https://standardschema.dev/json-schema */
interface StandardJsonSchema {
  '~standard': {
    vendor: string;
    jsonSchema?: {
      input: (options: { target: string; libraryOptions?: Record<string, unknown> }) => JsonSchema;
    };
  };
}

/** As much of a zod 4 schema as is read here. @see https://zod.dev/library-authors */
interface ZodSchema {
  _zod: { def: { type: string; keyType?: unknown; valueType?: unknown } };
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' || typeof value === 'function') && value !== null;
const isStandard = (schema: unknown): schema is StandardJsonSchema =>
  isObject(schema) && '~standard' in schema && isObject(schema['~standard']);
const isZod = (schema: unknown): schema is ZodSchema => isObject(schema) && '_zod' in schema;

const date = taggedSchema('$date', { type: 'string', format: 'date-time' });

/** A schema to stand within another: one that refers to itself by address would mean the other. */
const part = (schema: unknown): JsonSchema => {
  const made = read(schema) ?? {};
  return JSON.stringify(made).includes('"$ref"') ? {} : made;
};

/** What zod has and JSON Schema lacks. Anything else that it cannot say stays open to any JSON. */
const ofZodType = ({ _zod: { def } }: ZodSchema): JsonSchema | undefined => {
  switch (def.type) {
    case 'date':
      return date;
    case 'bigint':
      return taggedSchema('$bigint', { type: 'string', pattern: '^-?\\d+$' });
    case 'nan':
      return taggedSchema('$number', { const: 'NaN' });
    case 'undefined':
    case 'void':
      return taggedSchema('$undefined', { const: true });
    case 'set':
      return taggedSchema('$set', { type: 'array', items: part(def.valueType) });
    case 'map': {
      const entry = [
        { ...part(def.keyType), title: 'key' },
        { ...part(def.valueType), title: 'value' },
      ];
      const items = { type: 'array', items: entry, minItems: 2, additionalItems: false };
      return taggedSchema('$map', { type: 'array', items });
    }
    default:
      return undefined;
  }
};

const zodOptions = {
  unrepresentable: 'any',
  override({ zodSchema, jsonSchema }: { zodSchema: ZodSchema; jsonSchema: JsonSchema }): void {
    Object.assign(jsonSchema, ofZodType(zodSchema));
  },
};

const libraryOptions = (vendor: string): Record<string, unknown> => {
  if (vendor === 'zod') return zodOptions;
  if (vendor !== 'arktype') return {};
  const fallback = { date: () => date, default: ({ base }: { base: JsonSchema }) => base };
  return { fallback };
};

const withoutDialect = (made: JsonSchema | undefined): JsonSchema | undefined => {
  if (made) delete made.$schema;
  return made;
};

const read = (schema: unknown): JsonSchema | undefined => {
  if (!isStandard(schema)) return undefined;
  const { vendor, jsonSchema } = schema['~standard'];
  try {
    const options = { target: 'draft-07', libraryOptions: libraryOptions(vendor) };
    return withoutDialect(jsonSchema?.input(options));
  } catch {
    // The library knows no JSON Schema for it: then any JSON will do.
    return undefined;
  }
};

// In a variable, for no bundler to look for: who has such a schema has zod, and others need not.
const zodCore = 'zod/v4/core';

/** zod/mini and zod before 4.2 do not speak for themselves; zod itself can be asked for them. */
const readZod = async (schema: ZodSchema): Promise<JsonSchema | undefined> => {
  try {
    const zod: { toJSONSchema: (schema: ZodSchema, options: object) => JsonSchema } = await import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ zodCore
    );
    return withoutDialect(
      zod.toJSONSchema(schema, { target: 'draft-07', io: 'input', ...zodOptions }),
    );
  } catch {
    return undefined;
  }
};

/** The JSON Schema of a parser of tRPC's, or undefined when it does not tell. */
export async function readSchema(parser: unknown): Promise<JsonSchema | undefined> {
  return read(parser) ?? (isZod(parser) ? readZod(parser) : undefined);
}
