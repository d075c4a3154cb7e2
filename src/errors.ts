interface ErrorMeaning {
  readonly status: number;
  readonly title: string;
}

/**
 * Every error code that Chancery answers with and its HTTP status; http/observe/error-help.ts says what to do about it.
 * A code is part of the public contract: add one, never rename one.
 */
export const ERRORS = {
  AUTH_REQUIRED: { status: 401, title: 'A bearer token is required' },
  INVALID_TOKEN: { status: 401, title: 'The bearer token was not accepted' },
  KEYS_UNAVAILABLE: { status: 503, title: 'Tokens of this issuer cannot be checked at the moment' },
  INSUFFICIENT_SCOPE: { status: 403, title: 'The token lacks the scope that guards this route' },
  REQUEST_BLOCKED: { status: 403, title: 'The firewall in front of the API refuses this request' },
  CHARTER_DENIED: { status: 403, title: 'The charter denies this request' },
  SANCTIONED: { status: 403, title: 'The principal is under a sanction' },
  VALIDATION_ERROR: { status: 400, title: 'A field of the request is not acceptable' },
  BODY_INCOMPLETE: { status: 400, title: 'The client broke off before its body was here' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is larger than 1 MB' },
  RECORD_TOO_LARGE: { status: 413, title: 'A ledger record of this would be over 60 KB' },
  ORIGIN_REFUSED: { status: 403, title: 'Pages of this origin may not speak to this address' },
  NOT_FOUND: { status: 404, title: 'There is no such resource' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'The route does not take this method' },
  NOT_ACCEPTABLE: { status: 406, title: 'The answer cannot be had in a form that the client accepts' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body is not of a media type that the route takes' },
  UPGRADE_REQUIRED: { status: 426, title: 'This address speaks WebSocket' },
  RANGE_NOT_SATISFIABLE: { status: 416, title: 'The range begins behind the end' },
  CONFLICT: { status: 409, title: 'The resource is not in a state that allows this' },
  IDEMPOTENCY_CONFLICT: { status: 409, title: 'The idempotency key is in use for another request' },
  GOVERNANCE_ERROR: { status: 400, title: 'The request does not have the shape of a governed request' },
  GOVERNANCE_VALIDATION_FAILED: { status: 400, title: 'The request breaks the AIM rules' },
  WORKFLOW_NOT_FOUND: { status: 404, title: 'No workflow of that name is registered' },
  LEDGER_TOO_LARGE: { status: 422, title: 'The ledger cannot be verified within one request' },
  APPROVAL_REQUIRED: { status: 202, title: 'The request waits for approval' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  EMERGENCY_STOP: { status: 503, title: 'An emergency stop is in force; everything is denied' },
  DRAINING: { status: 503, title: 'The service is draining and takes no new work' },
  LEDGER_UNAVAILABLE: { status: 503, title: 'The ledger cannot be written, so nothing was run' },
  STORE_UNAVAILABLE: { status: 503, title: 'The store cannot be reached' },
  EXECUTION_FAILED: { status: 500, title: 'The workflow failed' },
  EXECUTION_UNKNOWN: { status: 500, title: 'Nobody can know how the run ended' },
  INTERNAL_ERROR: { status: 500, title: 'Something went wrong on our side' },
} as const satisfies Record<string, ErrorMeaning>;

export type ErrorCode = keyof typeof ERRORS;

/** Where a code is explained, from where the service is reached: what a problem's `type` leads to. */
export const errorPath = (code: ErrorCode): string => `/errors/${code.toLowerCase().replaceAll('_', '-')}`;

export const REASON_KINDS = ['forbidden', 'not_permitted', 'invalid'] as const;

/** One machine-readable reason: what was wrong, where, and by which rule. */
export type Reason = {
  /** Stable snake_case code: an AIM failure_reason, a charter reason, a limit. */
  readonly code: string;
  /** The id of the Cedar policy or charter rule that decided, when one did. */
  readonly policy_id?: string;
  /** RFC 6901 JSON Pointer into the request body (or `token`, `header:Name`). */
  readonly path?: string;
  /** The conditions of that policy, for callers who may read the charter. */
  readonly clause?: string;
  readonly message: string;
  readonly kind: (typeof REASON_KINDS)[number];
};

/**
 * An exception with a code. Denials are values, never exceptions (design, invariant 7): throw this only
 * when no decision could be reached, or at the door when the input cannot be parsed.
 */
export class ChanceryError extends Error {
  readonly code: ErrorCode;
  readonly reasons: readonly Reason[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ErrorCode,
    detail: string,
    options: { reasons?: readonly Reason[]; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ChanceryError';
    this.code = code;
    this.reasons = options.reasons ?? [];
    this.headers = options.headers ?? {};
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}
