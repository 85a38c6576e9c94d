import {
  type ErrorCode,
  errors,
  type JsonSchema,
  limits,
  type Manifest,
  type ManifestProcedure,
  takesKey,
} from '@typedo/contract';
import { createComponents, exampleOf } from './openapi-schemas.ts';
import { type RestField, type RestRoute, restRoutes } from './routes.ts';

type Fields = Record<string, unknown>;
type Components = ReturnType<typeof createComponents>;

const text = (description: string, maxLength: number, pattern: string) => ({
  description,
  schema: { type: 'string', maxLength, pattern },
});

const headers = {
  'X-Request-Id': {
    description: 'Names this request: tell it to the operator when something broke.',
    schema: { type: 'string', format: 'uuid', maxLength: 36 },
  },
  'Access-Control-Allow-Origin': text(
    'The origin of the calling page, when it is one that the operator lists.',
    300,
    '^https?://.+$',
  ),
  RateLimit: text(
    'How many calls are left (r) in how many seconds (t).',
    100,
    '^"(user|address)";r=\\d+;t=\\d+$',
  ),
  'RateLimit-Policy': text(
    'How many calls (q) in how many seconds (w).',
    100,
    '^"(user|address)";q=\\d+;w=\\d+$',
  ),
  'Retry-After': {
    description: 'How many seconds to wait.',
    schema: { type: 'integer', format: 'int32', minimum: 1, maximum: 60 },
  },
  ETag: text('The version of what is answered, for If-Match and If-None-Match.', 12, '^"\\d+"$'),
  Location: text('Where what was made can be found.', 2000, '^/api/v1/'),
  Link: text(
    'Where the next page is, as rel="next"; absent on the last.',
    2000,
    '^<.+>; rel="next"$',
  ),
  'WWW-Authenticate': text('How to sign in.', 100, '^Bearer'),
};
type HeaderName = keyof typeof headers;

const everywhere: HeaderName[] = [
  'X-Request-Id',
  'Access-Control-Allow-Origin',
  'RateLimit',
  'RateLimit-Policy',
];

const headersOf = (...names: HeaderName[]) =>
  Object.fromEntries(
    [...everywhere, ...names].map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );

const problemSchema: JsonSchema = {
  title: 'Problem',
  description: 'What went wrong, as RFC 9457 has it.',
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'todo', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri', maxLength: 100 },
    title: { type: 'string', maxLength: 200, pattern: '^.+$', description: 'When it happens.' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string', maxLength: 2000, pattern: '^.+$', description: 'What was wrong.' },
    code: { type: 'string', enum: Object.keys(errors) },
    todo: { type: 'string', maxLength: 200, pattern: '^.+$', description: 'What to do about it.' },
    requestId: { type: 'string', format: 'uuid' },
    retryAfterSeconds: {
      type: 'integer',
      minimum: 1,
      maximum: 60,
      description: 'Of RATE_LIMITED and UNAVAILABLE: when to call again.',
    },
    current: {
      type: 'object',
      description: 'Of VERSION_CONFLICT: the list or task as it is now.',
      anyOf: ['List', 'Task'].map((noun) => ({ $ref: `#/components/schemas/${noun}` })),
    },
    issues: {
      type: 'array',
      maxItems: 1000,
      description: 'Of VALIDATION_FAILED: each field and what is wrong with it.',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: {
          path: {
            type: 'array',
            maxItems: 100,
            description: 'Where: keys and indexes from the root of the input.',
            items: {
              anyOf: [
                { type: 'string', maxLength: 200, pattern: '^.*$' },
                { type: 'integer', minimum: 0, maximum: 2 ** 31 - 1 },
              ],
            },
          },
          message: { type: 'string', maxLength: 2000, pattern: '^.+$' },
        },
      },
    },
  },
};

const problemExample = (code: ErrorCode) => ({
  summary: errors[code].when,
  value: {
    type: `urn:typedo:error:${code}`,
    title: errors[code].when,
    status: errors[code].status,
    detail: errors[code].when,
    code,
    todo: errors[code].todo,
    requestId: '8a8e4d10-5b6f-4f0c-9f0c-2f6f0d1e7a55',
    ...(code === 'VALIDATION_FAILED' && {
      issues: [{ path: ['limit'], message: 'Must be a whole number.' }],
    }),
  },
});

/** What cannot happen at an address that exists, or to a request without a body. */
const impossible: ErrorCode[] = ['PROCEDURE_NOT_FOUND', 'METHOD_NOT_ALLOWED'];
const ofBodies: ErrorCode[] = ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];

const possibleCodes = ({ procedure, isBodied }: RestRoute): ErrorCode[] =>
  procedure.errors.filter(
    (code) => !impossible.includes(code) && (isBodied || !ofBodies.includes(code)),
  );

const headersOfStatus: Record<number, HeaderName[]> = {
  401: ['WWW-Authenticate'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

const problems = (route: RestRoute, { use }: Components) => {
  const byStatus = Map.groupBy(possibleCodes(route), (code) => errors[code].status);
  return [...byStatus].map(([status, codes]) => [
    status,
    {
      description: codes.map((code) => `${code}: ${errors[code].when}`).join('\n\n'),
      headers: headersOf(...(headersOfStatus[status] ?? [])),
      content: {
        'application/problem+json': {
          schema: use(problemSchema),
          examples: Object.fromEntries(
            codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
          ),
        },
      },
    },
  ]);
};

const success = ({ procedure, method, status }: RestRoute, { use }: Components) => {
  const shown = Object.keys(procedure.output.properties ?? {});
  const names: HeaderName[] = [
    ...(shown.includes('version') ? (['ETag'] as const) : []),
    ...(shown.includes('nextCursor') ? (['Link'] as const) : []),
    ...(status === 201 ? (['Location'] as const) : []),
  ];
  const answer = {
    description: status === 201 ? 'It was made.' : 'It worked.',
    headers: headersOf(...names),
    content: {
      'application/json': { schema: use(procedure.output), example: exampleOf(procedure.output) },
    },
  };
  const unchanged = { description: 'It is as If-None-Match knows it.', headers: headersOf('ETag') };
  return [
    [status, answer],
    ...(method === 'GET' && names.includes('ETag') ? [[304, unchanged]] : []),
  ];
};

const keyParameter = {
  in: 'header',
  name: 'Idempotency-Key',
  description:
    'Made anew for each call that is meant to happen. Sent again with it within a day, the call ' +
    'has no second effect, and the answer of the first.',
  schema: { type: 'string', maxLength: 102, pattern: '^"?[\\w.:-]{1,100}"?$' },
  example: '"0199c2d4-7a10-7cc3-98c4-dc0c0c07398f"',
};

const conditional = ({ procedure, method, fields }: RestRoute) => {
  const condition = (name: string, description: string) => ({
    in: 'header',
    name,
    description,
    schema: { type: 'string', maxLength: 200, pattern: '^(\\*|(W/)?"\\d+".*)$' },
    example: '"3"',
  });
  if (fields.some(({ place }) => place === 'header')) {
    return [condition('If-Match', 'The ETag that it must still have; any when absent.')];
  }
  return method === 'GET' && procedure.output.properties?.version
    ? [condition('If-None-Match', 'An ETag that is known: the answer is 304 while it still holds.')]
    : [];
};

const inputOf = (route: RestRoute, { use }: Components): Fields => {
  const at = (place: RestField['place']) => route.fields.filter((field) => field.place === place);
  const toParameter = ({ name, place, isRequired, schema }: RestField) => ({
    in: place,
    name,
    description: schema.description,
    required: isRequired,
    schema: use(schema),
    ...(place === 'path' && { example: exampleOf(schema) }),
  });
  const parameters = [
    ...[...at('path'), ...at('query')].map(toParameter),
    ...conditional(route),
    ...(takesKey(route.procedure) ? [keyParameter] : []),
  ];
  const inBody = at('body');
  if (inBody.length === 0) return { parameters };
  const body = {
    ...route.procedure.input,
    properties: Object.fromEntries(inBody.map(({ name, schema }) => [name, schema])),
    required: inBody.filter(({ isRequired }) => isRequired).map(({ name }) => name),
  };
  const content = { 'application/json': { schema: use(body), example: exampleOf(body) } };
  return { parameters, requestBody: { required: body.required.length > 0, content } };
};

const operationId = ({ procedure, method }: RestRoute): string =>
  method === 'PUT' ? procedure.path.replace(/\w+$/, 'replace') : procedure.path;

const descriptionOf = (route: RestRoute): string => {
  const { access, scope, path, weight } = route.procedure;
  const replaces = route.method === 'PUT' ? 'Replaces all that PATCH can change. ' : '';
  const who =
    access === 'session'
      ? 'Personal tokens cannot be used.'
      : `A personal token needs the scope \`${scope}\`.`;
  const counts = weight > 1 ? ` It counts as ${weight} calls.` : '';
  return `${replaces}${who}${counts} Elsewhere it is called \`${path}\`.`;
};

const nounOf = ({ path }: ManifestProcedure): string => path.split('.', 1)[0] ?? '';

/**
 * The router's REST as an OpenAPI 3.1 document.
 *
 * @param url the public address of the service
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function createOpenApi(manifest: Manifest, url: string) {
  const components = createComponents();
  const routes = restRoutes(manifest);
  const paths: Record<string, Fields> = {};
  for (const route of routes) {
    const { procedure, path, method } = route;
    paths[path] ??= {};
    paths[path][method.toLowerCase()] = {
      operationId: operationId(route),
      tags: [nounOf(procedure)],
      summary: procedure.summary,
      description: descriptionOf(route),
      security: [{ bearer: [] }],
      ...inputOf(route, components),
      responses: Object.fromEntries([
        ...success(route, components),
        ...problems(route, components),
      ]),
    };
  }
  const nouns = [...new Set(routes.map(({ procedure }) => nounOf(procedure)))];
  return {
    openapi: '3.1.1',
    info: {
      title: 'Typedo',
      version: String(manifest.version),
      summary: 'Your tasks over plain HTTP.',
      description:
        'Every procedure of the service as REST: input as JSON or in the address, answers as JSON with times in ISO 8601 UTC, errors as problems of RFC 9457 whose `code` keeps its meaning.',
      license: { name: 'MIT', identifier: 'MIT' },
      contact: { name: 'The operator of this service', url },
    },
    servers: [
      { url: `${url}/api/v1`, description: 'This service, in production.', 'x-internal': false },
    ],
    tags: nouns.map((name) => ({ name, description: `What can be done with ${name}.` })),
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: `An access token, a JWT handled as RFC 8725 (RFC8725) asks and issued for ${limits.accessTokenSeconds / 60} minutes; or a personal token, which begins with \`typedo_\` and is exchanged for one inside the call.`,
        },
      },
      headers,
      examples: Object.fromEntries(
        [...new Set(routes.flatMap(possibleCodes))].map((code) => [code, problemExample(code)]),
      ),
      schemas: components.schemas,
    },
  };
}
