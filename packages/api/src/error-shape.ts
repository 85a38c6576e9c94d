import { TRPCError } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY, type TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc';
import {
  CatalogueError,
  type ErrorCode,
  type ErrorData,
  errors,
  unavailableSeconds,
} from '@typedo/contract';
import { isOwnerGone, isUnavailable } from '@typedo/db';
import { ZodError } from 'zod';

/** An error on the tRPC wire. `data.code` is the catalogue's; `code` is JSON-RPC's number. */
export interface ErrorShape<Code extends ErrorCode = ErrorCode> {
  code: (typeof TRPC_ERROR_CODES_BY_KEY)[TRPC_ERROR_CODE_KEY];
  message: string;
  data: ErrorData<Code>;
}

/** What tRPC itself refuses, by its code. */
const ofTrpc: Partial<Record<TRPC_ERROR_CODE_KEY, ErrorCode>> = {
  BAD_REQUEST: 'MALFORMED_REQUEST',
  PARSE_ERROR: 'MALFORMED_REQUEST',
  NOT_FOUND: 'PROCEDURE_NOT_FOUND',
  METHOD_NOT_SUPPORTED: 'METHOD_NOT_ALLOWED',
  PAYLOAD_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  UNSUPPORTED_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
};

const trpcCodeByStatus: Record<number, TRPC_ERROR_CODE_KEY> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_SUPPORTED',
  409: 'CONFLICT',
  410: 'NOT_FOUND',
  412: 'PRECONDITION_FAILED',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  422: 'UNPROCESSABLE_CONTENT',
  429: 'TOO_MANY_REQUESTS',
  503: 'SERVICE_UNAVAILABLE',
};

const ofZod = (error: ZodError): CatalogueError => {
  const issues = error.issues.flatMap((issue) => {
    const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
    // zod reports unknown fields at their parent; the caller looks for them by their own name.
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          path: [...path, key],
          message: 'Is not a field of this input.',
        }))
      : [{ path, message: issue.message }];
  });
  const fields = issues.map(({ path }) => path.join('.') || 'the input');
  return new CatalogueError('VALIDATION_FAILED', {
    message: `Not valid: ${[...new Set(fields)].join(', ')}.`,
    issues,
    cause: error,
  });
};

/** Whatever was thrown, as one of the catalogue. What it does not know becomes a neutral INTERNAL. */
export function toCatalogueError(error: unknown): CatalogueError {
  if (error instanceof CatalogueError) return error;
  if (isUnavailable(error)) return new CatalogueError('UNAVAILABLE', { cause: error });
  if (isOwnerGone(error)) return new CatalogueError('SESSION_ENDED', { cause: error });
  if (!(error instanceof TRPCError)) return new CatalogueError('INTERNAL', { cause: error });
  if (error.code === 'BAD_REQUEST' && error.cause instanceof ZodError) return ofZod(error.cause);
  if (error.cause instanceof CatalogueError) return error.cause;
  const code = ofTrpc[error.code];
  // tRPC's own words are for callers; those of what it caught may tell of our insides.
  const message = error.cause ? undefined : error.message;
  if (code) return new CatalogueError(code, { ...(message && { message }), cause: error });
  return error.cause
    ? toCatalogueError(error.cause)
    : new CatalogueError('INTERNAL', { cause: error });
}

/** What an error tells the caller, on every face. */
export const errorData = (
  { code, issues, retryAfterSeconds, current }: CatalogueError,
  call: { path?: string | undefined; requestId?: string | undefined },
): ErrorData => ({
  code,
  httpStatus: errors[code].status,
  todo: errors[code].todo,
  ...call,
  ...(issues && { issues }),
  ...(retryAfterSeconds && { retryAfterSeconds }),
  ...(code === 'UNAVAILABLE' && { retryAfterSeconds: unavailableSeconds }),
  ...(current && { current }),
});

/** An error as tRPC sends it. */
export function toErrorShape(
  error: unknown,
  call: { path?: string | undefined; requestId?: string | undefined },
): ErrorShape {
  const known = toCatalogueError(error);
  const key = trpcCodeByStatus[errors[known.code].status] ?? 'INTERNAL_SERVER_ERROR';
  return {
    code: TRPC_ERROR_CODES_BY_KEY[key],
    message: known.message,
    data: errorData(known, call),
  };
}
