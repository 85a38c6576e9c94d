import { TRPCClientError } from '@trpc/client';
import { type ErrorCode, type ErrorData, errors } from '@typedo/contract';

/** An error that the service answered with: `data.code` tells which of the catalogue. */
export interface TypedoError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly data: ErrorData<Code>;
}

/**
 * Narrows what a call threw to errors of the service, or to some of them. What is none, such as a
 * network that is down, has no `data`.
 *
 * @example
 * try { await typedo.tasks.get.query({ id }); }
 * catch (error) { if (isTypedoError(error, 'TASK_NOT_FOUND')) … }
 */
export function isTypedoError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  ...codes: Code[]
): error is TypedoError<Code> {
  if (!(error instanceof TRPCClientError)) return false;
  const { code } = (error.data ?? {}) as Partial<ErrorData>;
  if (code === undefined || !Object.hasOwn(errors, code)) return false;
  return codes.length === 0 || codes.some((wanted) => wanted === code);
}
