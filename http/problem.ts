/**
 * Errors on the wire: RFC 9457 problem documents with our members `code`, `error`, `reasons`, `trace_id`,
 * `decision_id`.
 */
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type ChanceryError, ERRORS, type ErrorCode, type Reason } from '../src/errors.ts';
import type { Ctx } from './routes.ts';

export interface ProblemOptions {
  readonly reasons?: readonly Reason[];
  readonly decision_id?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members, e.g. those of a failed execution. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

export function problem(c: Ctx, code: ErrorCode, detail: string, options: ProblemOptions = {}): Response {
  const { status, title } = ERRORS[code];
  const trace = c.get('trace');
  const body = {
    type: `urn:chancery:error:${code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail,
    instance: `urn:chancery:trace:${trace}`,
    code,
    error: detail,
    reasons: options.reasons ?? [],
    trace_id: trace,
    ...(options.decision_id === undefined ? {} : { decision_id: options.decision_id }),
    ...options.extra,
  };
  return c.body(JSON.stringify(body), status as ContentfulStatusCode, {
    'content-type': 'application/problem+json',
    ...(status === 401 ? { 'www-authenticate': 'Bearer realm="chancery"' } : {}),
    ...options.headers,
  });
}

export function problemOf(c: Ctx, error: ChanceryError): Response {
  return problem(c, error.code, error.message, { reasons: error.reasons, headers: error.headers });
}
