import type { List } from './lists.ts';
import type { Task } from './tasks.ts';

/** One kind of error: what every face says of it. */
export interface ErrorDefinition {
  /** HTTP status. */
  status: 400 | 401 | 403 | 404 | 405 | 409 | 410 | 412 | 413 | 415 | 422 | 429 | 500 | 503;
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
    when: 'The session or personal token behind the access token was ended or revoked.',
    todo: 'Sign in again.',
  },
  SCOPE_MISSING: {
    status: 403,
    exitCode: 77,
    when: 'The personal token does not have the scope that the procedure asks for.',
    todo: 'Use a token that has it: the scopes of a token are chosen when it is made.',
  },
  PASSWORD_WRONG: {
    status: 403,
    exitCode: 77,
    when: 'The password that confirms the call is missing, or not that of the account.',
    todo: 'Send the password that you sign in with.',
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
  TOKEN_NOT_FOUND: {
    status: 404,
    exitCode: 66,
    when: 'The user has no personal token with this id.',
    todo: 'Check the id; the token may have been revoked.',
  },
  REVISION_NOT_FOUND: {
    status: 404,
    exitCode: 66,
    when: 'The log of the user has no such revision, or not any more.',
    todo: 'Take a revision that `history.list` tells: it goes back 30 days.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    exitCode: 64,
    when: 'The path exists, but not for this HTTP method.',
    todo: 'Use a method that the path has: on tRPC, queries are called by GET and mutations by POST.',
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
  IN_FLIGHT: {
    status: 409,
    exitCode: 75,
    when: 'Another write of the user, perhaps this very call, is still in progress.',
    todo: 'Send the call again in a moment, with the same idempotency key.',
  },
  UNDO_BLOCKED: {
    status: 409,
    exitCode: 65,
    when: 'What the revision changed was changed again since.',
    todo: 'Undo the later changes first, or make the change by hand.',
  },
  TOO_MANY_TOKENS: {
    status: 409,
    exitCode: 65,
    when: 'The user has as many personal tokens as one can have.',
    todo: 'Revoke one that is no longer used.',
  },
  EXPORT_TOO_LARGE: {
    status: 409,
    exitCode: 65,
    when: 'The user has more than one answer can hold.',
    todo: 'Read it page by page instead, by `lists.list` and `tasks.list`.',
  },
  POSITION_EXPIRED: {
    status: 410,
    exitCode: 65,
    when: 'The log does not go on from this position: it is older than 30 days, or of other data.',
    todo: 'Let go of the copy, and load everything again by `sync.pull` without `since`.',
  },
  VERSION_CONFLICT: {
    status: 412,
    exitCode: 75,
    when: 'What the call would change was changed since: it has another version than expected.',
    todo: 'Look at `current`, and send the call with the version that it has now.',
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
    when: 'The body of the request is not application/json, or it is compressed.',
    todo: 'Send JSON with `Content-Type: application/json` and no `Content-Encoding`.',
  },
  KEY_REUSED: {
    status: 422,
    exitCode: 65,
    when: 'The idempotency key came with another procedure or input before.',
    todo: 'Make a new key for each call that is meant to happen, and repeat one only with its call.',
  },
  TOO_MANY_STREAMS: {
    status: 429,
    exitCode: 75,
    when: 'The user has as many streams open as one can have.',
    todo: 'Close one that is no longer used.',
  },
  RATE_LIMITED: {
    status: 429,
    exitCode: 75,
    when: 'The user, or the address without one, made as many calls as one may in a while.',
    todo: 'Wait as many seconds as `Retry-After` says, and send the call again.',
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
    when: 'The service, its database or a token’s issuer cannot be reached right now, or has too much to do.',
    todo: 'Wait as many seconds as `Retry-After` says, and send the call again.',
  },
});

export type ErrorCode = keyof typeof errors;

/** After how many seconds what was UNAVAILABLE may be there again. */
export const unavailableSeconds = 1;

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
  /** Of RATE_LIMITED and UNAVAILABLE: when to call again. */
  retryAfterSeconds?: number | undefined;
  /** Of VERSION_CONFLICT: the list or task as it is now. */
  current?: List | Task | undefined;
}

/** Errors that every procedure may answer with, beside those it declares. */
export const commonErrors = [
  'VALIDATION_FAILED',
  'MALFORMED_REQUEST',
  'UNAUTHENTICATED',
  'TOKEN_INVALID',
  'TOKEN_EXPIRED',
  'SESSION_ENDED',
  'SCOPE_MISSING',
  'PROCEDURE_NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'RATE_LIMITED',
  'INTERNAL',
  'UNAVAILABLE',
] as const satisfies readonly ErrorCode[];
export type CommonErrorCode = (typeof commonErrors)[number];

/** Errors that every procedure may answer with that takes an idempotency key. */
export const keyErrors = ['IN_FLIGHT', 'KEY_REUSED'] as const satisfies readonly ErrorCode[];
export type KeyErrorCode = (typeof keyErrors)[number];

/** An error of the catalogue, thrown wherever a rule is broken; each face turns it into its own form. */
export class CatalogueError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly issues: Issue[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly current: List | Task | undefined;

  constructor(
    code: Code,
    options: {
      message?: string | undefined;
      issues?: Issue[] | undefined;
      retryAfterSeconds?: number | undefined;
      current?: List | Task | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(options.message ?? errors[code].when, { cause: options.cause });
    this.name = 'CatalogueError';
    this.code = code;
    this.issues = options.issues;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.current = options.current;
  }
}
