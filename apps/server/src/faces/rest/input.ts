import { CatalogueError, fromJson, fromText, type Issue } from '@typedo/contract';
import type { FastifyRequest } from 'fastify';
import type { RestRoute } from './routes.ts';

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const malformed = (message: string) => new CatalogueError('MALFORMED_REQUEST', { message });

const invalid = (issues: Issue[]) => {
  const fields = issues.map(({ path }) => path.join('.')).join(', ');
  return new CatalogueError('VALIDATION_FAILED', { message: `Not valid: ${fields}.`, issues });
};

/** Texts of the address as their fields' types have them; a field given twice is a list. */
const fromAddress = ({ fields }: RestRoute, given: Fields): Fields =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const schema = fields.find((field) => field.name === name)?.schema;
      if (!schema) return [name, value];
      if (schema.type === 'array' && schema.items) {
        const { items } = schema;
        return [name, [value].flat().map((item) => fromText(items, String(item)))];
      }
      return [name, typeof value === 'string' ? fromText(schema, value) : value];
    }),
  );

const fromBody = ({ procedure, method, fields }: RestRoute, body: unknown): Fields => {
  const given = fromJson(procedure.input, body === undefined ? {} : body);
  if (!isFields(given)) throw invalid([{ path: ['the body'], message: 'Must be an object.' }]);
  // The procedure's own schema takes a part of it for a PATCH.
  const missing = fields.filter(
    ({ name, place, isRequired }) => place === 'body' && isRequired && given[name] === undefined,
  );
  if (method !== 'PUT' || missing.length === 0) return given;
  const message = 'Must be there: PUT replaces the whole; PATCH changes parts.';
  throw invalid(missing.map(({ name }) => ({ path: [name], message })));
};

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1 */
const expectedVersion = ({ fields }: RestRoute, header: string): Fields => {
  if (!fields.some(({ place }) => place === 'header')) {
    throw malformed('If-Match has no meaning here: what this call does depends on no version.');
  }
  if (header === '*') return {};
  const version = /^"([1-9]\d{0,9})"$/.exec(header)?.[1];
  if (version) return { expectedVersion: Number(version) };
  throw malformed('If-Match must be the ETag of an answer, such as "3" with its quotes, or *.');
};

/**
 * The procedure's input from the address, the body and `If-Match` of a request. It only says where
 * each value belongs: whether it is a good one the procedure's own schema judges.
 *
 * @throws MALFORMED_REQUEST, VALIDATION_FAILED where something is in the wrong place
 */
export function inputOf(
  route: RestRoute,
  { query, params, body, headers }: FastifyRequest,
): Fields {
  const { method, isBodied } = route;
  if (isBodied && Object.keys(query as Fields).length > 0) {
    throw malformed(`${method} takes its input as a JSON body, and nothing after a question mark.`);
  }
  if (!isBodied && body !== undefined && body !== null) {
    throw malformed(`${method} takes no body.`);
  }
  const given = isBodied ? fromBody(route, body) : fromAddress(route, query as Fields);
  const inPath = fromAddress(route, params as Fields);
  const ifMatch = headers['if-match'];
  const expected = ifMatch === undefined ? {} : expectedVersion(route, ifMatch);
  for (const name of Object.keys({ ...inPath, ...expected })) {
    if (!Object.hasOwn(given, name)) continue;
    const place = name in inPath ? 'the address' : 'If-Match';
    throw invalid([{ path: [name], message: `Is in ${place} already.` }]);
  }
  return { ...given, ...inPath, ...expected };
}
