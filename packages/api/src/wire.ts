import { CatalogueError } from '@typedo/contract';
import superjson, { type SuperJSONResult } from 'superjson';
import { isHostileJson } from './hostile-json.ts';
import { serializeAnswer } from './serialize-answer.ts';

/** What superjson may rebuild of an input: enough for every schema there is. */
const types = ['Date', 'undefined'];

const isHarmless = (annotation: unknown): boolean => {
  if (typeof annotation === 'string') return types.includes(annotation);
  if (typeof annotation !== 'object' || annotation === null) return annotation === undefined;
  return Object.values(annotation).every(isHarmless);
};

/**
 * superjson on the wire, but for what callers may ask it to make of their input. Left to itself, it
 * builds typed arrays of any length, regular expressions and shared references before a schema sees
 * them: a hundred bytes can take all the memory there is.
 */
export const wire = {
  input: {
    serialize: (value: unknown): SuperJSONResult => superjson.serialize(value),
    deserialize(payload: SuperJSONResult | null): unknown {
      if (isHostileJson(payload)) throw new CatalogueError('MALFORMED_REQUEST');
      const { values, referentialEqualities } = payload?.meta ?? {};
      if (referentialEqualities !== undefined || !isHarmless(values)) {
        throw new CatalogueError('MALFORMED_REQUEST', {
          message: 'Of what JSON lacks, an input may hold dates and undefined, and nothing else.',
        });
      }
      // In place: what was parsed for this call is nobody else's.
      return payload === null ? null : superjson.deserialize(payload, { inPlace: true });
    },
  },
  output: { serialize: serializeAnswer, deserialize: superjson.deserialize },
};
