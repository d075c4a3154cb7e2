/**
 * Errors on the wire: RFC 9457 problem documents with our members `code`, `error`, `reasons`, `trace_id`,
 * `decision_id`.
 */
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type ChanceryError, ERRORS, type ErrorCode, errorPath, type Reason } from '../src/errors.ts';
import type { JsonObject } from '../src/json.ts';
import { challengeFor } from './challenge.ts';
import { json } from './json.ts';
import type { Ctx } from './routes.ts';

export interface ProblemOptions {
  readonly reasons?: readonly Reason[];
  readonly decision_id?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members, e.g. those of a failed execution. They never replace the standard ones. */
  readonly extra?: JsonObject;
}

/** An answer before it is written: also what an idempotency key keeps. */
export interface Sent {
  readonly status: number;
  readonly body: JsonObject;
  readonly headers: Readonly<Record<string, string>>;
  /** The service did its work and said no. */
  readonly governed: boolean;
}

export function problemBody(
  trace: string,
  code: ErrorCode,
  detail: string,
  options: Pick<ProblemOptions, 'reasons' | 'decision_id' | 'extra'> = {},
): { status: number; document: JsonObject; headers: Readonly<Record<string, string>> } {
  const { status, title } = ERRORS[code];
  const document: JsonObject = {
    ...options.extra,
    type: errorPath(code),
    title,
    status,
    detail,
    instance: `urn:chancery:trace:${trace}`,
    code,
    error: detail,
    reasons: reasonsOf(code, detail, options.reasons),
    trace_id: trace,
    ...(options.decision_id === undefined ? {} : { decision_id: options.decision_id }),
  };
  return { status, document, headers: headersOf(code, options.reasons) };
}

/** What a client of another media type or coding should send instead (RFC 9110 §15.5.16: not both at once). */
function headersOf(code: ErrorCode, [first]: readonly Reason[] = []): Readonly<Record<string, string>> {
  if (code !== 'UNSUPPORTED_MEDIA_TYPE') return {};
  return first?.code === 'unsupported_encoding'
    ? { 'accept-encoding': 'identity' }
    : { 'accept-post': 'application/json' };
}

/** Never empty: a caller that reads reasons finds the code there too where nothing finer is known. */
function reasonsOf(code: ErrorCode, detail: string, reasons: readonly Reason[] = []): Reason[] {
  if (reasons.length > 0) return reasons.map((reason) => ({ ...reason }));
  const kind = ERRORS[code].status < 500 ? 'invalid' : 'not_permitted';
  return [{ code: code.toLowerCase(), message: detail, kind }];
}

export function problem(c: Ctx, code: ErrorCode, detail: string, options: ProblemOptions = {}): Response {
  const { status, document, headers } = problemBody(c.get('trace'), code, detail, options);
  const challenged = challengeFor({ code, scope: c.get('scope'), ...c.get('resource') });
  const challenge: Record<string, string> =
    challenged === undefined ? {} : { 'www-authenticate': challenged };
  return send(c, {
    status,
    body: document,
    headers: { ...challenge, ...headers, ...options.headers },
    governed: c.get('governed'),
  });
}

/** Writes an answer; documents with a `type` member are problem documents. */
export function send(c: Ctx, sent: Sent, headers: Readonly<Record<string, string>> = {}): Response {
  c.set('governed', sent.governed);
  if (typeof sent.body.code === 'string') c.set('context', { ...c.get('context'), code: sent.body.code });
  const type = 'type' in sent.body && 'title' in sent.body ? 'application/problem+json' : 'application/json';
  // A kept answer may be given again at another address.
  const body =
    type === 'application/json'
      ? sent.body
      : { ...sent.body, type: `${c.get('base')}${String(sent.body.type)}` };
  return json(c, body, sent.status as ContentfulStatusCode, {
    'content-type': type,
    ...sent.headers,
    ...headers,
  });
}

export function problemOf(c: Ctx, error: ChanceryError): Response {
  return problem(c, error.code, error.message, { reasons: error.reasons, headers: error.headers });
}
