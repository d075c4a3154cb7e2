/** What a code means: `cause` and `fix` are for whoever meets it. */
interface ErrorMeaning {
  readonly status: number;
  readonly title: string;
  readonly cause: string;
  readonly fix: string;
}

/**
 * Every error code that Chancery answers with, its HTTP status and what the caller can do about it.
 * A code is part of the public contract: add one, never rename one.
 */
export const ERRORS = {
  AUTH_REQUIRED: {
    status: 401,
    title: 'A bearer token is required',
    cause: 'No bearer token came with the request.',
    fix: 'Send `Authorization: Bearer …` with a token of a trusted issuer; locally `npx chancery token` prints one.',
  },
  INVALID_TOKEN: {
    status: 401,
    title: 'The bearer token was not accepted',
    cause: 'The token is expired, of another issuer or audience, badly signed, or not a token.',
    fix: 'Read `reasons`, then ask the issuer for a new token. A clock that is off by more than 60 s has the same effect.',
  },
  KEYS_UNAVAILABLE: {
    status: 503,
    title: 'Tokens of this issuer cannot be checked at the moment',
    cause: "The issuer's keys cannot be fetched, so nobody can say whether the token is good.",
    fix: 'Try again after `Retry-After`. Operators: look whether the JWKS address of the issuer answers.',
  },
  INSUFFICIENT_SCOPE: {
    status: 403,
    title: 'The token lacks the scope that guards this route',
    cause: 'The token is good and lacks the scope that guards the route.',
    fix: 'Ask for the scope that `WWW-Authenticate` names, or for a role that holds it.',
  },
  REQUEST_BLOCKED: {
    status: 403,
    title: 'The firewall in front of the API refuses this request',
    cause: 'The firewall in front of the API took the request for an attack or a flood.',
    fix: 'Ask the operator with the trace id; slow down if you send many requests.',
  },
  CHARTER_DENIED: {
    status: 403,
    title: 'The charter denies this request',
    cause: 'A policy of the charter forbids the request, or none permits it.',
    fix: 'Read `reasons` and `counterfactual`: they name the policy and the smallest change that would have been allowed.',
  },
  SANCTIONED: {
    status: 403,
    title: 'The principal is under a sanction',
    cause: 'The principal is quarantined, suspended, banned or revoked.',
    fix: 'Read the sanction in `reasons`; appeal with `POST /violations/{id}/appeal`.',
  },
  VALIDATION_ERROR: {
    status: 400,
    title: 'A field of the request is not acceptable',
    cause: 'A field is missing, of the wrong type, or unknown.',
    fix: 'Mend the fields that `reasons[].path` names; docs/openapi.json has the form of each request.',
  },
  BODY_INCOMPLETE: {
    status: 400,
    title: 'The client broke off before its body was here',
    cause: 'The connection ended before the whole body had come.',
    fix: 'Send it again; look for time-outs of proxies in between.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    title: 'The body is larger than 1 MB',
    cause: 'A body may be 1 MB.',
    fix: 'Send large inputs by document reference.',
  },
  RECORD_TOO_LARGE: {
    status: 413,
    title: 'A ledger record of this would be over 60 KB',
    cause: 'What would be recorded of the request is over 60 KB.',
    fix: 'Send less, or a reference.',
  },
  ORIGIN_REFUSED: {
    status: 403,
    title: 'Pages of this origin may not speak to this address',
    cause: 'A page of an origin that is not configured called.',
    fix: 'Operators: name its origin in `CHANCERY_ORIGINS`.',
  },
  NOT_FOUND: {
    status: 404,
    title: 'There is no such resource',
    cause: 'There is none, or it is not yours to see.',
    fix: 'Check the id; `GET /openapi.json` lists the routes.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'The route does not take this method',
    cause: 'The path exists and does not take the method.',
    fix: '`Allow` names those that it takes.',
  },
  NOT_ACCEPTABLE: {
    status: 406,
    title: 'The answer cannot be had in a form that the client accepts',
    cause: '`Accept` leaves out every form that the route has.',
    fix: 'Accept one of those that the message names.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'The body is not of a media type that the route takes',
    cause: 'The body is not said to be JSON, or it is compressed.',
    fix: 'Send `Content-Type: application/json` and the body as it is; `Accept-Post` or `Accept-Encoding` says which it was.',
  },
  RANGE_NOT_SATISFIABLE: {
    status: 416,
    title: 'The range begins behind the end',
    cause: 'The range begins behind the last byte.',
    fix: '`Content-Range` says how many bytes there are.',
  },
  CONFLICT: {
    status: 409,
    title: 'The resource is not in a state that allows this',
    cause: 'It has been decided, ended or changed, or is not that far yet.',
    fix: 'Read its state and ask again where that still makes sense.',
  },
  IDEMPOTENCY_CONFLICT: {
    status: 409,
    title: 'The idempotency key is in use for another request',
    cause: 'The key belongs to another body, or the first request still runs.',
    fix: 'Take a new key for a new request; with `Retry-After`, repeat the same one later.',
  },
  GOVERNANCE_ERROR: {
    status: 400,
    title: 'The request does not have the shape of a governed request',
    cause: 'A body does not have the members of a governed request.',
    fix: 'docs/openapi.json has the form; the message names the nearest known member.',
  },
  GOVERNANCE_VALIDATION_FAILED: {
    status: 400,
    title: 'The request breaks the AIM rules',
    cause: 'The AIM says too little, or its actor is not the token.',
    fix: 'Each `reasons[].code` is the rule that failed.',
  },
  WORKFLOW_NOT_FOUND: {
    status: 404,
    title: 'No workflow of that name is registered',
    cause: 'The workflow is not registered here.',
    fix: '`GET /workflows` lists them.',
  },
  LEDGER_TOO_LARGE: {
    status: 422,
    title: 'The ledger cannot be verified within one request',
    cause: 'The ledger is too large to be verified within one request.',
    fix: 'Run `npx chancery ledger verify`.',
  },
  APPROVAL_REQUIRED: {
    status: 202,
    title: 'The request waits for approval',
    cause: 'The charter wants people to agree first.',
    fix: 'Follow `Location`; repeat under the same `Idempotency-Key` for the end.',
  },
  RATE_LIMITED: {
    status: 429,
    title: 'Too many requests',
    cause: 'A rate limit, quota or budget is used up.',
    fix: 'Wait for `Retry-After`. Operators: `chancery rate-limits reset`.',
  },
  EMERGENCY_STOP: {
    status: 503,
    title: 'An emergency stop is in force; everything is denied',
    cause: 'Somebody stopped everything.',
    fix: 'Ask who is on call; `chancery emergency release` needs two people.',
  },
  DRAINING: {
    status: 503,
    title: 'The service is draining and takes no new work',
    cause: 'The service finishes what runs before it ends.',
    fix: 'Try again after `Retry-After`.',
  },
  LEDGER_UNAVAILABLE: {
    status: 503,
    title: 'The ledger cannot be written, so nothing was run',
    cause: 'The ledger cannot be written, or what is kept contradicts itself.',
    fix: 'Try again after `Retry-After`. Operators: `chancery health --verbose` names the finding; docs/runbook.md has the section.',
  },
  STORE_UNAVAILABLE: {
    status: 503,
    title: 'The store cannot be reached',
    cause: 'The database does not answer.',
    fix: 'Try again. Operators: `chancery health --component store`.',
  },
  EXECUTION_FAILED: {
    status: 500,
    title: 'The workflow failed',
    cause: 'The workflow was allowed, ran, and failed.',
    fix: '`detail` has its error; `chancery logs trace` with the trace id shows what it did.',
  },
  EXECUTION_UNKNOWN: {
    status: 500,
    title: 'Nobody can know how the run ended',
    cause: 'The run was begun, and its end was lost.',
    fix: 'Look at the far side before asking again under another key.',
  },
  INTERNAL_ERROR: {
    status: 500,
    title: 'Something went wrong on our side',
    cause: 'A fault of ours.',
    fix: 'Give the operator the trace id: `chancery logs trace` finds it.',
  },
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
