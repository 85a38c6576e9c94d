/** One kind of error: what every face says of it. */
export interface ErrorDefinition {
  /** HTTP status. */
  status: 400 | 401 | 404 | 405 | 409 | 413 | 415 | 500 | 503;
  /** Exit code of the command line, after sysexits.h. */
  exitCode: number;
  /** When it happens. */
  when: string;
  /** What the caller should do. */
  todo: string;
}

const define = <Code extends string>(table: Record<Code, ErrorDefinition>) => table;

/** Every error that the service answers with. A code, once given, keeps its meaning. */
export const errors = define({
  VALIDATION_FAILED: {
    status: 400,
    exitCode: 65,
    when: 'The input does not fit the schema; `issues` names each field and what is wrong with it.',
    todo: 'Correct the fields named in `issues`.',
  },
  MALFORMED_REQUEST: {
    status: 400,
    exitCode: 64,
    when: 'The request cannot be read: no JSON, the wrong envelope, too many calls in one batch.',
    todo: 'Correct the request; the message says what is wrong with it.',
  },
  UNAUTHENTICATED: {
    status: 401,
    exitCode: 77,
    when: 'The procedure needs a user and the request carries no access token.',
    todo: 'Sign in, and send `Authorization: Bearer` with an access token.',
  },
  TOKEN_INVALID: {
    status: 401,
    exitCode: 77,
    when: 'The access token was not issued for this service by an issuer it trusts.',
    todo: 'Get a new access token, or sign in again.',
  },
  TOKEN_EXPIRED: {
    status: 401,
    exitCode: 77,
    when: 'The access token is past its end, or was issued more than 15 minutes ago.',
    todo: 'Get a new access token and send the call again.',
  },
  SESSION_ENDED: {
    status: 401,
    exitCode: 77,
    when: 'The session behind the access token was signed out or revoked.',
    todo: 'Sign in again.',
  },
  PROCEDURE_NOT_FOUND: {
    status: 404,
    exitCode: 64,
    when: 'There is nothing under this path.',
    todo: 'Correct the path.',
  },
  TASK_NOT_FOUND: {
    status: 404,
    exitCode: 66,
    when: 'The user has no task with this id.',
    todo: 'Check the id; the task may have been deleted for good.',
  },
  LIST_NOT_FOUND: {
    status: 404,
    exitCode: 66,
    when: 'The user has no list with this id.',
    todo: 'Check the id; the list may have been deleted.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    exitCode: 64,
    when: 'The path exists, but not for this HTTP method.',
    todo: 'Call queries by GET and mutations by POST.',
  },
  ID_TAKEN: {
    status: 409,
    exitCode: 65,
    when: 'The user already has something with the id that the call brought along.',
    todo: 'If this repeats an earlier call, it has already happened; otherwise make a new UUIDv7.',
  },
  LIST_ARCHIVED: {
    status: 409,
    exitCode: 65,
    when: 'A task cannot be put into an archived list.',
    todo: 'Bring the list back first, or choose another.',
  },
  TASK_IN_TRASH: {
    status: 409,
    exitCode: 65,
    when: 'A task in the trash cannot be changed.',
    todo: 'Restore the task first.',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    exitCode: 64,
    when: 'The body of the request is larger than the service accepts.',
    todo: 'Send less at once.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    exitCode: 64,
    when: 'The body of the request is not application/json.',
    todo: 'Send JSON with `Content-Type: application/json`.',
  },
  INTERNAL: {
    status: 500,
    exitCode: 70,
    when: 'Something broke that is not the caller’s fault.',
    todo: 'Try again; if it stays, tell the operator the request id.',
  },
  UNAVAILABLE: {
    status: 503,
    exitCode: 69,
    when: 'The service, its database or a token’s issuer cannot be reached right now.',
    todo: 'Try again in a moment.',
  },
});

export type ErrorCode = keyof typeof errors;

/** One field of an input and what is wrong with it. */
export interface Issue {
  /** Where: keys and indexes from the input's root, such as `['due', 'date']`. */
  path: (string | number)[];
  /** What is wrong, and what would be right. */
  message: string;
}

/** What an error carries beside its message, on every face. */
export interface ErrorData<Code extends ErrorCode = ErrorCode> {
  code: Code;
  httpStatus: number;
  /** What the caller should do. */
  todo: string;
  /** The procedure; absent when the request never reached one. */
  path?: string | undefined;
  requestId?: string | undefined;
  /** Of VALIDATION_FAILED: each field and what is wrong with it. */
  issues?: Issue[] | undefined;
}

/** Errors that every procedure may answer with, beside those it declares. */
export const commonErrors = [
  'VALIDATION_FAILED',
  'MALFORMED_REQUEST',
  'UNAUTHENTICATED',
  'TOKEN_INVALID',
  'TOKEN_EXPIRED',
  'SESSION_ENDED',
  'PROCEDURE_NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'INTERNAL',
  'UNAVAILABLE',
] as const satisfies readonly ErrorCode[];
export type CommonErrorCode = (typeof commonErrors)[number];

/** An error of the catalogue, thrown wherever a rule is broken; each face turns it into its own form. */
export class CatalogueError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly issues: Issue[] | undefined;

  constructor(code: Code, options: { message?: string; issues?: Issue[]; cause?: unknown } = {}) {
    super(options.message ?? errors[code].when, { cause: options.cause });
    this.name = 'CatalogueError';
    this.code = code;
    this.issues = options.issues;
  }
}
