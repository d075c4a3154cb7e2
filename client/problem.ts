/** Refusals as they come over the wire (RFC 9457), as errors that a program can tell apart by `code`. */
import * as z from 'zod/mini';
import type { components } from './api.gen.ts';

/** What every refusal says. A failed run carries the members of its answer beside these. */
export type Problem = components['schemas']['Problem'];
export type ProblemCode = Problem['code'];

const reason = z.looseObject({
  code: z.string(),
  message: z.string(),
  kind: z._default(z.string(), 'invalid'),
  path: z.optional(z.string()),
  policy_id: z.optional(z.string()),
});
const problemShape = z.looseObject({
  code: z.string(),
  title: z._default(z.string(), ''),
  detail: z._default(z.string(), ''),
  error: z._default(z.string(), ''),
  type: z.optional(z.string()),
  reasons: z._default(z.array(reason), []),
  trace_id: z.optional(z.string()),
  decision_id: z.optional(z.string()),
});

/** A problem document that was read. */
export interface ReadProblem {
  /** A server that is newer than this client may know more codes. `UNREADABLE`: no problem document, such as the page of a proxy. */
  readonly code: ProblemCode | 'UNREADABLE' | (string & {});
  readonly title: string;
  readonly detail: string;
  readonly error: string;
  /** Leads to what the code means. */
  readonly type?: string | undefined;
  readonly reasons: readonly {
    readonly code: string;
    readonly message: string;
    readonly kind: string;
    /** The field that it is about. */
    readonly path?: string | undefined;
    readonly policy_id?: string | undefined;
  }[];
  readonly trace_id?: string | undefined;
  readonly decision_id?: string | undefined;
  /** A failed run carries its answer's: `receipt`, `execution_id`. */
  readonly [member: string]: unknown;
}

/** The API refused. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly code: ReadProblem['code'];
  readonly problem: ReadProblem;
  /** From `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** The scope that the token lacks (RFC 6750 §3), with a 403 for that reason. */
  readonly scope?: string;

  constructor(status: number, problem: ReadProblem, headers: Headers) {
    super(`${problem.code}: ${problem.error || problem.detail}`);
    this.status = status;
    this.code = problem.code;
    this.problem = problem;
    const seconds = retryAfter(headers);
    if (seconds !== undefined) this.retryAfterSeconds = seconds;
    const scope = scopeWanted(headers.get('www-authenticate'));
    if (scope !== undefined) this.scope = scope;
  }
}

/** Nothing answered: no server there, the connection broke, or it took too long. What was asked may have been done. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  /** Somebody may be there, and busy: no answer came in the time that one try has. */
  readonly late: boolean;
  constructor(url: string, cause: unknown) {
    const late = cause instanceof Error && cause.name === 'TimeoutError';
    super(late ? `No answer from ${url} in time` : `Nothing answers at ${url} (${reasonOf(cause)})`, {
      cause,
    });
    this.late = late;
  }
}

/** @param text the body of an answer of 400 or above */
export function problemError(response: Response, text: string): ProblemError {
  const read = problemShape.safeParse(jsonOf(text));
  const { status, headers } = response;
  if (read.success) return new ProblemError(status, read.data, headers);
  const error = `The server answered ${status} without saying why.`;
  return new ProblemError(
    status,
    { code: 'UNREADABLE', title: 'Not readable', detail: error, error, reasons: [] },
    headers,
  );
}

/** Whole seconds, or a date (RFC 9110 §10.2.3); undefined where it says neither. */
export function retryAfter(headers: Headers, now: number = Date.now()): number | undefined {
  const said = headers.get('retry-after')?.trim();
  if (said === undefined || said === '') return undefined;
  if (/^\d+$/.test(said)) return Number(said);
  const at = Date.parse(said);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1_000));
}

/** RFC 6750 §3: `Bearer error="insufficient_scope", scope="ledger:read"`. */
export function scopeWanted(challenge: string | null): string | undefined {
  if (challenge === null || !/\berror="insufficient_scope"/.test(challenge)) return undefined;
  return /\bscope="([^"]+)"/.exec(challenge)?.[1];
}

/** With what Node says beneath `fetch failed`. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? `${cause.message}: ${cause.cause.message}` : cause.message;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
