/** What a target's answer to a delivery means for the next step. */

export type TargetAnswer =
  | { readonly kind: 'delivered' }
  /** Not taken, and never will be: a revoked webhook, a malformed body. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** Not taken, try again: 429, or nobody listens. */
  | { readonly kind: 'busy'; readonly detail: string; readonly retry_after_ms?: number }
  /** Perhaps taken: the connection broke, the answer came too late, or was a 5xx. */
  | { readonly kind: 'unclear'; readonly detail: string; readonly retry_after_ms?: number };

/** Something that takes notifications. Never throws: what goes wrong is an answer. */
export interface Courier {
  send(body: string): Promise<TargetAnswer>;
}

/** Seconds or an HTTP date (RFC 9110 §10.2.3), in milliseconds from `now`. */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

export function answerOf(
  status: number,
  retry_after: string | null,
  detail: string,
  now: number,
): TargetAnswer {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const wait = retryAfter(retry_after, now);
  const after = wait === undefined ? {} : { retry_after_ms: wait };
  const said = `${status} ${detail}`.slice(0, 300);
  if (status === 429) return { kind: 'busy', detail: said, ...after };
  if (status >= 500 || status === 408) return { kind: 'unclear', detail: said, ...after };
  return { kind: 'refused', detail: said };
}

/** Failures of the network before anything was sent: these cannot have arrived. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH']);

/** What a thrown `fetch` means; its cause carries the code. */
export function answerOfFailure(error: unknown): TargetAnswer {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const detail = code || (error instanceof Error ? error.name : 'failure');
  return { kind: NOT_SENT.has(code) ? 'busy' : 'unclear', detail };
}
