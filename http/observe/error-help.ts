/** Why each error code is answered, and what whoever meets it can do. One function shows it, so no other carries it. */
import type { ErrorCode } from '../../src/errors.ts';

interface Help {
  readonly cause: string;
  readonly fix: string;
}

export const ERROR_HELP: Readonly<Record<ErrorCode, Help>> = {
  AUTH_REQUIRED: {
    cause: 'No bearer token came with the request.',
    fix: 'Send `Authorization: Bearer …` with a token of a trusted issuer; locally `npx chancery token` prints one.',
  },
  INVALID_TOKEN: {
    cause: 'The token is expired, of another issuer or audience, badly signed, or not a token.',
    fix: 'Read `reasons`, then ask the issuer for a new token. A clock that is off by more than 60 s has the same effect.',
  },
  KEYS_UNAVAILABLE: {
    cause: "The issuer's keys cannot be fetched, so nobody can say whether the token is good.",
    fix: 'Try again after `Retry-After`. Operators: look whether the JWKS address of the issuer answers.',
  },
  INSUFFICIENT_SCOPE: {
    cause: 'The token is good and lacks the scope that guards the route.',
    fix: 'Ask for the scope that `WWW-Authenticate` names, or for a role that holds it.',
  },
  REQUEST_BLOCKED: {
    cause: 'The firewall in front of the API took the request for an attack or a flood.',
    fix: 'Ask the operator with the trace id; slow down if you send many requests.',
  },
  CHARTER_DENIED: {
    cause: 'A policy of the charter forbids the request, or none permits it.',
    fix: 'Read `reasons` and `counterfactual`: they name the policy and the smallest change that would have been allowed.',
  },
  SANCTIONED: {
    cause: 'The principal is quarantined, suspended, banned or revoked.',
    fix: 'Read the sanction in `reasons`; appeal with `POST /violations/{id}/appeal`.',
  },
  VALIDATION_ERROR: {
    cause: 'A field is missing, of the wrong type, or unknown.',
    fix: 'Mend the fields that `reasons[].path` names; docs/openapi.json has the form of each request.',
  },
  BODY_INCOMPLETE: {
    cause: 'The connection ended before the whole body had come.',
    fix: 'Send it again; look for time-outs of proxies in between.',
  },
  BODY_TOO_LARGE: {
    cause: 'A body may be 1 MB.',
    fix: 'Send large inputs by document reference.',
  },
  RECORD_TOO_LARGE: {
    cause: 'What would be recorded of the request is over 60 KB.',
    fix: 'Send less, or a reference.',
  },
  ORIGIN_REFUSED: {
    cause: 'A page of an origin that is not configured called.',
    fix: 'Operators: name its origin in `CHANCERY_ORIGINS`.',
  },
  NOT_FOUND: {
    cause: 'There is none, or it is not yours to see.',
    fix: 'Check the id; `GET /openapi.json` lists the routes.',
  },
  METHOD_NOT_ALLOWED: {
    cause: 'The path exists and does not take the method.',
    fix: '`Allow` names those that it takes.',
  },
  NOT_ACCEPTABLE: {
    cause: '`Accept` leaves out every form that the route has.',
    fix: 'Accept one of those that the message names.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    cause: 'The body is not said to be JSON, or it is compressed.',
    fix: 'Send `Content-Type: application/json` and the body as it is; `Accept-Post` or `Accept-Encoding` says which it was.',
  },
  UPGRADE_REQUIRED: {
    cause: 'The request is no WebSocket handshake of version 13 (RFC 6455), or came to where none is spoken.',
    fix: 'Connect with a WebSocket client; docs/live.md has the protocol. Without one, read on with `GET /ledger/entries`.',
  },
  RANGE_NOT_SATISFIABLE: {
    cause: 'The range begins behind the last byte.',
    fix: '`Content-Range` says how many bytes there are.',
  },
  CONFLICT: {
    cause: 'It has been decided, ended or changed, or is not that far yet.',
    fix: 'Read its state and ask again where that still makes sense.',
  },
  IDEMPOTENCY_CONFLICT: {
    cause: 'The key belongs to another body, or the first request still runs.',
    fix: 'Take a new key for a new request; with `Retry-After`, repeat the same one later.',
  },
  GOVERNANCE_ERROR: {
    cause: 'A body does not have the members of a governed request.',
    fix: 'docs/openapi.json has the form; the message names the nearest known member.',
  },
  GOVERNANCE_VALIDATION_FAILED: {
    cause: 'The AIM says too little, or its actor is not the token.',
    fix: 'Each `reasons[].code` is the rule that failed.',
  },
  WORKFLOW_NOT_FOUND: {
    cause: 'The workflow is not registered here.',
    fix: '`GET /workflows` lists them.',
  },
  LEDGER_TOO_LARGE: {
    cause: 'The ledger is too large to be verified within one request.',
    fix: 'Run `npx chancery ledger verify`.',
  },
  APPROVAL_REQUIRED: {
    cause: 'The charter wants people to agree first.',
    fix: 'Follow `Location`; repeat under the same `Idempotency-Key` for the end.',
  },
  RATE_LIMITED: {
    cause: 'A rate limit, quota or budget is used up.',
    fix: 'Wait for `Retry-After`. Operators: `chancery rate-limits reset`.',
  },
  EMERGENCY_STOP: {
    cause: 'Somebody stopped everything.',
    fix: 'Ask who is on call; `chancery emergency release` needs two people.',
  },
  DRAINING: {
    cause: 'The service finishes what runs before it ends.',
    fix: 'Try again after `Retry-After`.',
  },
  LEDGER_UNAVAILABLE: {
    cause: 'The ledger cannot be written, or what is kept contradicts itself.',
    fix: 'Try again after `Retry-After`. Operators: `chancery health --verbose` names the finding; docs/runbook.md has the section.',
  },
  STORE_UNAVAILABLE: {
    cause: 'The database does not answer.',
    fix: 'Try again. Operators: `chancery health --component store`.',
  },
  EXECUTION_FAILED: {
    cause: 'The workflow was allowed, ran, and failed.',
    fix: '`detail` has its error; `chancery logs trace` with the trace id shows what it did.',
  },
  EXECUTION_UNKNOWN: {
    cause: 'The run was begun, and its end was lost.',
    fix: 'Look at the far side before asking again under another key.',
  },
  INTERNAL_ERROR: {
    cause: 'A fault of ours.',
    fix: 'Give the operator the trace id: `chancery logs trace` finds it.',
  },
};
