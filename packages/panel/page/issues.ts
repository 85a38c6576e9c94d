import type { ErrorSchema } from '@rjsf/utils';
import { type Json, tagOf } from '../src/tagged.ts';

/** Something wrong with an input, and where. */
export interface Issue {
  path: (string | number)[];
  message: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An issue as Standard Schema and zod tell it, whose path may hold objects with a key. */
const toIssue = (value: unknown): Issue[] => {
  if (!isRecord(value) || typeof value.message !== 'string') return [];
  const path = Array.isArray(value.path) ? value.path : [];
  const keys = path.map((part: unknown) => (isRecord(part) ? part.key : part));
  return [
    {
      path: keys.map((key) => (typeof key === 'number' ? key : String(key))),
      message: value.message,
    },
  ];
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** zod's flattened errors, as tRPC's documentation formats them: messages by field. */
const flattened = ({ fieldErrors, formErrors }: Record<string, unknown>): Issue[] => [
  ...Object.entries(isRecord(fieldErrors) ? fieldErrors : {}).flatMap(([field, messages]) =>
    [messages].flat().map((message) => ({ path: [field], message: String(message) })),
  ),
  ...(Array.isArray(formErrors) ? formErrors : []).map((message) => ({
    path: [],
    message: String(message),
  })),
];

/**
 * The issues that an error names, wherever routers commonly put them: `data.issues`, `data.zodError`
 * whole or flattened, or the message, which tRPC makes of zod's issues by itself.
 */
export function issuesOf(data: unknown, message: string): Issue[] {
  const { issues, zodError } = isRecord(data) ? data : {};
  const ofZod = isRecord(zodError) ? zodError : {};
  const lists = [issues, ofZod.issues, parsed(message)];
  const list = lists.find((candidate) => Array.isArray(candidate) && candidate.length > 0);
  return Array.isArray(list) ? list.flatMap(toIssue) : flattened(ofZod);
}

/** Where on the form an issue can be shown: what is inside a date or a map belongs to the whole. */
export function shownAt({ path }: Issue, input: Json | undefined): (string | number)[] {
  let at: Json | undefined = input;
  for (const [depth, key] of path.entries()) {
    if (tagOf(at) !== undefined) return path.slice(0, depth);
    const isInside = typeof at === 'object' && at !== null && Object.hasOwn(at, key);
    at = isInside ? (at as Record<string, Json>)[key] : undefined;
  }
  return path;
}

/** Issues as the form library takes them: messages under `__errors`, nested as the input is. */
export function toErrorSchema(issues: Issue[], input: Json | undefined): ErrorSchema {
  const root: ErrorSchema = {};
  for (const issue of issues) {
    let at = root;
    for (const key of shownAt(issue, input)) {
      const nested = at as Record<string, ErrorSchema>;
      // Whatever its name, it is a field, and nothing that every object has.
      if (!Object.hasOwn(nested, key)) {
        Object.defineProperty(nested, key, { value: {}, enumerable: true });
      }
      at = Object.getOwnPropertyDescriptor(nested, key)?.value as ErrorSchema;
    }
    at.__errors = [...(at.__errors ?? []), issue.message];
  }
  return root;
}
