import type { EndedCall } from '@typedo/api';
import type { ErrorCode } from '@typedo/contract';
import type { FastifyRequest } from 'fastify';

/** What is looked for in the log by who watches over the service: a name keeps its meaning. */
export type SecurityEvent =
  | 'signed_up'
  | 'signed_in'
  | 'sign_in_failed'
  | 'signed_out'
  | 'sessions_revoked'
  | 'password_changed'
  | 'token_made'
  | 'token_revoked'
  | 'token_refused'
  | 'account_deleted'
  | 'rate_limit_hit';

const ofRoute: Record<string, { ok: SecurityEvent; failed?: SecurityEvent } | undefined> = {
  '/sign-up/email': { ok: 'signed_up' },
  '/sign-in/email': { ok: 'signed_in', failed: 'sign_in_failed' },
  '/sign-out': { ok: 'signed_out' },
  '/revoke-session': { ok: 'sessions_revoked' },
  '/revoke-sessions': { ok: 'sessions_revoked' },
  '/revoke-other-sessions': { ok: 'sessions_revoked' },
  '/change-password': { ok: 'password_changed' },
};

const ofCall = new Map<string, SecurityEvent>([
  ['tokens.create', 'token_made'],
  ['tokens.revoke', 'token_revoked'],
  ['account.delete', 'account_deleted'],
]);

const refusals: ErrorCode[] = ['TOKEN_INVALID', 'TOKEN_EXPIRED', 'SESSION_ENDED', 'SCOPE_MISSING'];

const told = new WeakMap<FastifyRequest, Set<string>>();
const isNews = (request: FastifyRequest, what: string): boolean => {
  const known = told.get(request) ?? new Set();
  told.set(request, known);
  const isNew = !known.has(what);
  known.add(what);
  return isNew;
};

/**
 * Writes one line, which tells of the user no more than the request's own: its id. What has a reason
 * is told once a request, however many of its calls it befalls.
 */
export function tell(request: FastifyRequest, event: SecurityEvent, reason?: string): void {
  if (reason === undefined) request.log.info({ event }, 'security event');
  else if (isNews(request, `${event} ${reason}`)) {
    request.log.info({ event, reason }, 'security event');
  }
}

/** Of `/api/auth`, by the path below it. */
export function tellOfRoute(request: FastifyRequest, path: string, isOk: boolean): void {
  const event = ofRoute[path]?.[isOk ? 'ok' : 'failed'];
  if (event) tell(request, event);
}

/** Of what an error says of the token that came along, if it does. */
export function tellOfRefusal(request: FastifyRequest, code: ErrorCode): void {
  if (refusals.includes(code)) tell(request, 'token_refused', code);
}

/** Of a call, once nothing can take it back. */
export function tellOfCall(request: FastifyRequest, { path, outcome }: EndedCall): void {
  if (outcome !== 'ok') return tellOfRefusal(request, outcome);
  const event = ofCall.get(path);
  if (event) tell(request, event);
}
