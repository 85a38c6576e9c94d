import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema';
import type { ValidatorType } from '@rjsf/utils';
import type { JsonSchema } from '../src/description.ts';
import { fromTagged, type Json, TaggedError } from '../src/tagged.ts';
import type { Issue } from './issues.ts';

/* JSON Schema here guides a person to an input that fits; what an input is worth, the service says. */

const judge = (schema: unknown, value: unknown): OutputUnit[] => {
  try {
    // As JSON, because a form leaves `undefined` where something is still to come.
    const json: unknown = JSON.parse(JSON.stringify(value ?? null));
    return new Validator(schema as Schema, '7', false).validate(json).errors;
  } catch {
    // It may hold what the validator does not read, such as a pattern of another dialect.
    return [];
  }
};

/** What the form library asks of a validator: only which of several schemas a value fits. */
export const validator: ValidatorType = {
  isValid(schema, value, root) {
    const { definitions } = root as JsonSchema;
    return judge({ ...schema, definitions }, value).length === 0;
  },
  validateFormData: () => ({ errors: [], errorSchema: {} }),
  rawValidation: () => ({ errors: [] }),
};

/** Say only that something deeper is wrong, which is told by itself. */
const frames = new Set([
  'properties',
  'items',
  'additionalItems',
  'additionalProperties',
  'allOf',
  '$ref',
]);

const unescape = (part: string): string | number => {
  const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
  return /^\d+$/.test(key) ? Number(key) : key;
};

const toPath = (pointer: string): (string | number)[] => pointer.split('/').slice(1).map(unescape);

const toIssue = ({ keyword, instanceLocation, error }: OutputUnit): Issue => {
  const path = toPath(instanceLocation);
  if (keyword === 'false') return { path, message: 'Is not a field of this input.' };
  if (keyword !== 'required') return { path, message: error };
  const field = /"(.+)"/.exec(error)?.[1];
  return { path: field === undefined ? path : [...path, field], message: 'Is required.' };
};

/** Whether a unit is of what stands below another: deeper in the schema, and there or deeper in the value. */
const isBelow = (unit: OutputUnit, above: OutputUnit): boolean =>
  unit !== above &&
  unit.keywordLocation.startsWith(`${above.keywordLocation}/`) &&
  `${unit.instanceLocation}/`.startsWith(`${above.instanceLocation}/`);

const depth = ({ instanceLocation }: OutputUnit): number => toPath(instanceLocation).length;

/** A wrong type, or constant that tells branches apart, means that a branch was not meant at all. */
const isMeant = (branch: OutputUnit[], union: OutputUnit): boolean =>
  !branch.some(
    (unit) =>
      (unit.keyword === 'type' && depth(unit) === depth(union)) ||
      (unit.keyword === 'const' && depth(unit) <= depth(union) + 1),
  );

/** The errors of a union's branch that was meant, the one with the fewest of several. */
const ofNearestBranch = (union: OutputUnit, all: OutputUnit[]): OutputUnit[] => {
  const branches = Object.groupBy(
    all.filter((unit) => isBelow(unit, union)),
    ({ keywordLocation }) =>
      keywordLocation.slice(union.keywordLocation.length + 1).split('/', 1)[0] ?? '',
  );
  const [nearest] = Object.values(branches)
    .flatMap((branch) => (branch && isMeant(branch, union) ? [branch] : []))
    .toSorted((a, b) => a.length - b.length);
  return nearest ?? [];
};

/** The units that say what is wrong: not those around them, nor those of branches not meant. */
const telling = (all: OutputUnit[]): OutputUnit[] => {
  const unions = all.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  const outer = unions.filter((one) => !unions.some((other) => isBelow(one, other)));
  const plain = all.filter(
    (unit) =>
      !frames.has(unit.keyword) &&
      !outer.includes(unit) &&
      !outer.some((union) => isBelow(unit, union)),
  );
  const ofUnions = outer.flatMap((union) => {
    const nearest = telling(ofNearestBranch(union, all));
    return nearest.length > 0 ? nearest : [{ ...union, error: 'Fits none of its kinds.' }];
  });
  return [...plain, ...ofUnions];
};

/** What keeps a value from fitting its schema, at the fields concerned. */
export function validate(schema: JsonSchema, input: Json | undefined): Issue[] {
  try {
    fromTagged(input ?? null);
  } catch (error) {
    if (error instanceof TaggedError) return [{ path: error.path, message: error.message }];
    throw error;
  }
  const issues = telling(judge(schema, input)).map(toIssue);
  const byText = new Map(issues.map((issue) => [JSON.stringify(issue), issue]));
  return [...byText.values()];
}
