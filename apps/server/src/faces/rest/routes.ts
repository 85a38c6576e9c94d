import type { JsonSchema, Manifest, ManifestProcedure } from '@typedo/contract';

export type RestMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A field of a procedure's input, and where a request has it; `header` is If-Match. */
export interface RestField {
  name: string;
  place: 'path' | 'query' | 'body' | 'header';
  isRequired: boolean;
  schema: JsonSchema;
}

/** One procedure at one address of REST. */
export interface RestRoute {
  method: RestMethod;
  /** Below `/api/v1`, with parameters as OpenAPI writes them: `/tasks/{id}`. */
  path: string;
  procedure: ManifestProcedure;
  /** What it answers with when all is well: 201 when it makes something that has an address. */
  status: 200 | 201;
  /** Whether its input comes as a body rather than in the address. */
  isBodied: boolean;
  fields: RestField[];
}

/** Where reads come from and writes go, below the collection of the noun. */
const places: Record<string, [methods: RestMethod[], path: string]> = {
  list: [['GET'], ''],
  create: [['POST'], ''],
  get: [['GET'], '/{id}'],
  update: [['PATCH', 'PUT'], '/{id}'],
  delete: [['DELETE'], '/{id}'],
};

const placesOf = (procedure: ManifestProcedure): [RestMethod[], string] => {
  const { path, kind, rest } = procedure;
  if (rest) {
    const [method, address] = rest.split(' ', 2);
    return [[method as RestMethod], address ?? ''];
  }
  const [noun = '', verb = ''] = path.split('.');
  const [methods, below] = places[verb] ?? [
    [kind === 'query' ? 'GET' : 'POST'],
    procedure.input.properties?.id ? `/{id}/${verb}` : `/${verb}`,
  ];
  return [methods, `/${noun}${below}`];
};

/** A PUT must bring what the answer shows, too: it replaces the whole. */
const toFields = ({ input, output }: ManifestProcedure, method: RestMethod, path: string) => {
  const ofInput = method === 'GET' || method === 'DELETE' ? 'query' : 'body';
  const placeOf = (name: string): RestField['place'] => {
    if (path.includes(`{${name}}`)) return 'path';
    return name === 'expectedVersion' ? 'header' : ofInput;
  };
  return Object.entries(input.properties ?? {}).map(([name, schema]): RestField => {
    const isReplaced = method === 'PUT' && output.properties?.[name] !== undefined;
    const isRequired = isReplaced || (input.required?.includes(name) ?? false);
    return { name, place: placeOf(name), isRequired, schema };
  });
};

const toRoutes = (procedure: ManifestProcedure): RestRoute[] => {
  const [methods, path] = placesOf(procedure);
  return methods.map((method) => ({
    method,
    path,
    procedure,
    status: method === 'POST' && procedure.path.endsWith('.create') ? 201 : 200,
    isBodied: method !== 'GET' && method !== 'DELETE',
    fields: toFields(procedure, method, path),
  }));
};

/** As people look for them: collections before what is in them, reading before writing. */
const methods: RestMethod[] = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];
const keyOf = ({ path, method }: RestRoute): string => `${path} ${methods.indexOf(method)}`;

/**
 * The addresses of REST, by convention from noun and verb: `tasks.list` is `GET /tasks`, `tasks.get`
 * `GET /tasks/{id}`, `tasks.complete` `POST /tasks/{id}/complete`, and so on; `rest` of a
 * procedure's documentation says where another is better. Subscriptions have none.
 */
export const restRoutes = ({ procedures }: Manifest): RestRoute[] =>
  procedures
    .filter(({ kind }) => kind !== 'subscription')
    .flatMap(toRoutes)
    .toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)));
