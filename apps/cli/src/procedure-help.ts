import { commonErrors, errors, type JsonSchema, type ManifestProcedure } from '@typedo/contract';
import { Help } from 'commander';
import { paint } from './colors.ts';

export const typesOf = ({ type, anyOf, oneOf }: JsonSchema): string[] => [
  ...[type ?? []].flat(),
  ...[...(anyOf ?? []), ...(oneOf ?? [])].flatMap(typesOf),
];

/** What stands for a value in help, such as `<number>`. */
export const placeholder = (schema: JsonSchema): string => {
  const { anyOf, oneOf, format, items } = schema;
  if (schema.enum) return 'value';
  if (items) return placeholder(items);
  const [first] = anyOf ?? oneOf ?? [];
  if (first) return placeholder(first);
  const named = { uuid: 'id', date: 'date', 'date-time': 'time' }[format ?? ''];
  return named ?? { object: 'json', integer: 'number' }[typesOf(schema)[0] ?? ''] ?? 'text';
};

const range = (unit: string, min: unknown, max: unknown): string | false => {
  if (typeof max === 'number') return `${typeof min === 'number' ? min : 0} to ${max}${unit}`;
  return typeof min === 'number' && `${min}${unit} or more`;
};

/** What of a field's limits is no format: lengths, bounds, and that it must be there. */
const limitsOf = (schema: JsonSchema, isRequired: boolean): string[] =>
  [
    isRequired && 'required',
    range(' characters', schema.minLength, schema.maxLength),
    range('', schema.minimum, schema.maximum),
    range(' of them', schema.minItems, schema.maxItems),
  ].filter((limit) => limit !== false);

export const describeField = (schema: JsonSchema, isRequired: boolean): string => {
  const limits = limitsOf(schema, isRequired);
  const noted = limits.length > 0 && `(${limits.join('; ')})`;
  return [schema.description, noted].filter(Boolean).join(' ');
};

/** Two columns, the second of which is wrapped, as commander has them. */
const columnsOf = (rows: (readonly [term: string, description: string])[]): string => {
  const help = new Help();
  help.prepareContext({ helpWidth: process.stdout.columns || 80 });
  const width = Math.max(...rows.map(([term]) => help.displayWidth(term)));
  return rows
    .map(([term, description]) => help.formatItem(term, width, description, help))
    .join('\n');
};

/** What follows the options: the errors of this procedure alone, and who may call it. */
export const afterOptions = ({ errors: codes, scope }: ManifestProcedure): string => {
  const own = codes.filter((code) => !commonErrors.some((common) => common === code));
  const told = columnsOf(own.map((code) => [code, errors[code].when] as const));
  return [
    ...(own.length > 0 ? ['', 'Errors:', told] : []),
    '',
    scope ? `Personal tokens need the scope ${scope}.` : 'Personal tokens cannot be used.',
  ].join('\n');
};

/** Every procedure by its noun. */
export const listing = (procedures: ManifestProcedure[]): string => {
  const nounOf = ({ path }: ManifestProcedure) => path.split('.')[0] ?? path;
  const width = Math.max(...procedures.map(({ path }) => path.length));
  const nouns = [...new Set(procedures.map(nounOf))].map((noun) => {
    const rows = procedures
      .filter((procedure) => nounOf(procedure) === noun)
      .map(({ path, summary }) => [paint('cyan', path.padEnd(width)), summary] as const);
    return `${paint('bold', noun)}\n${columnsOf(rows)}`;
  });
  const hint = 'typedo api <procedure> --help shows what one takes.';
  return [...nouns, paint('dim', hint)].join('\n\n');
};
