/** The closed lists of label values. Where the domain has the list already, it is the same list. */
import { ERRORS } from '../errors.ts';
import { AUTH_REASONS, DRAG_MODES, FAILURE_REASONS, OUTCOMES, RUN_OUTCOMES, TAMPER_KINDS } from '../terms.ts';

export {
  ACTOR_TYPES,
  DEPLOYMENT_ENVIRONMENTS,
  DEPLOYMENT_RESULTS,
  HEALING_ACTIONS,
  OVERRIDE_REASONS,
  PHRASE_TYPES,
  PRIORITIES,
  REVOCATION_REASONS,
  RUN_OUTCOMES,
  SANCTION_KINDS,
  SENSITIVITIES,
  SETTLEMENTS,
  SEVERITIES,
  TOOL_OUTCOMES,
  VERDICTS,
  VIOLATION_TYPES,
} from '../terms.ts';

export const MODES = [...DRAG_MODES, 'none'] as const;
export const RISK_LEVELS = ['1', '2', '3', '4', '5'] as const;

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'other'] as const;
export const STATUS_CODES = [
  '101',
  '200',
  '201',
  '202',
  '204',
  '304',
  '400',
  '401',
  '403',
  '404',
  '405',
  '409',
  '413',
  '415',
  '426',
  '429',
  '500',
  '503',
  'other',
] as const;
/**
 * `ok`; `governed`: rejected, denied, approval needed, failed workflow (the service did its work); `client`:
 * the caller's mistake; `fault`: ours. Availability counts `fault` only.
 */
export const RESPONSE_CLASSES = ['ok', 'governed', 'client', 'fault'] as const;
export type ResponseClass = (typeof RESPONSE_CLASSES)[number];

export const AIM_FAILURES = [...FAILURE_REASONS, 'other'] as const;
export const DECISION_OUTCOMES = [...OUTCOMES, 'rejected'] as const;
export const AUDIT_OUTCOMES = [...DECISION_OUTCOMES, ...RUN_OUTCOMES, 'none'] as const;

/** What was wrong with a token, its scope, or how often it came. */
export const AUTH_STATUS_CODES = ['401', '403', '429'] as const;
export const AUTH_FAILURES = [...AUTH_REASONS, 'scope', 'revoked', 'sanctioned', 'other'] as const;

/** `deferred`, `withheld` and `shadowed` were planned and not done. */
export const HEALING_OUTCOMES = [
  'success',
  'rolled_back',
  'failure',
  'deferred',
  'withheld',
  'shadowed',
] as const;
/** Why a metric was not collected: forbidden, on no list, or asked for by whom a sanction holds back. */
export const BLOCKED_STATUSES = ['blocked', 'not_whitelisted', 'sanctioned'] as const;
export const INITIATORS = ['report', 'system', 'committee'] as const;
export const APPEND_FAILURES = ['store', 'hijacked', 'too_large', 'closed', 'full', 'held', 'other'] as const;
export const SEAL_RESULTS = ['sealed', 'idle', 'lost_race', 'failed', 'refused'] as const;
/** A kind that a newer writer brought is `other` to an older fold. */
export const TAMPER_LABELS = [...TAMPER_KINDS, 'other'] as const;

export const ERROR_TYPES = [...(Object.keys(ERRORS) as (keyof typeof ERRORS)[]), 'other'] as const;
export const COMPONENTS = [
  'http',
  'identity',
  'charter',
  'ledger',
  'store',
  'workflow',
  'metrics',
  'loop',
  'alerts',
  'seal',
  'other',
] as const;
/** Why a cache dropped an entry. */
export const EVICTIONS = ['expired', 'capacity', 'invalidated'] as const;
export type Eviction = (typeof EVICTIONS)[number];
export const STORE_OPERATIONS = ['get', 'put', 'put_run', 'query', 'add', 'merge', 'remove'] as const;
/** What carries a notification out. */
export const COURIERS = ['slack', 'pagerduty', 'sns', 'other'] as const;
/** Why a WebSocket connection ended as it should not. `lost`: without a word; `protocol`: a frame that RFC 6455 does not know. */
export const WS_ERRORS = [
  'binary',
  'malformed',
  'policy',
  'too_large',
  'fault',
  'slow',
  'lost',
  'protocol',
  'other',
] as const;
