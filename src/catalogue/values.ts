/** The closed lists of label values. Where the domain has the list already, it is the same list. */
import { ERRORS } from '../errors.ts';
import { ACTOR_TYPES, DRAG_MODES, FAILURE_REASONS, PHRASE_TYPES, SEVERITIES } from '../terms.ts';

export const MODES = [...DRAG_MODES, 'none'] as const;
export const SEVERITY = SEVERITIES;
export { PHRASE_TYPES };
export const ACTOR_TYPE = ACTOR_TYPES;
export const RISK_LEVELS = ['1', '2', '3', '4', '5'] as const;

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'other'] as const;
export const STATUS_CODES = [
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

export const AIM_FAILURES = [...FAILURE_REASONS, 'other'] as const;
export const DECISION_OUTCOMES = ['allow', 'deny', 'require_approval', 'rejected'] as const;
export const RUN_OUTCOMES = ['success', 'failure', 'stale'] as const;
export const AUDIT_OUTCOMES = [...DECISION_OUTCOMES, ...RUN_OUTCOMES, 'none'] as const;
export const SETTLEMENTS = ['met', 'unmet', 'unknown'] as const;

/** What was wrong with a token, its scope, or how often it came. */
export const AUTH_FAILURES = [
  'missing',
  'malformed',
  'oversize',
  'header',
  'keys_unavailable',
  'alg',
  'signature',
  'issuer',
  'audience',
  'expired',
  'not_before',
  'kid',
  'act_depth',
  'typ',
  'claims',
  'scope',
  'revoked',
  'other',
] as const;

/** Requirements 6.1, and `forbidden_metric` for a blocked attempt (4.4). */
export const VIOLATION_TYPES = [
  'silent_collection',
  'behavioral_prediction',
  'algorithm_manipulation',
  'data_extraction',
  'exploitation',
  'unauthorized_override',
  'other',
] as const;
export const INITIATORS = ['report', 'system', 'committee'] as const;
export const REVOCATION_REASONS = [
  'account_closure',
  'policy_violation',
  'security_incident',
  'user_request',
] as const;
export const OVERRIDE_REASONS = ['time_limited_exception', 'risk_accepted'] as const;
export const SANCTION_KINDS = ['warning', 'quarantine', 'suspension', 'ban', 'criminal'] as const;
export const PRIORITIES = ['low', 'medium', 'high', 'critical'] as const;
export const HEALING_ACTIONS = [
  'log',
  'monitor',
  'quarantine',
  'remove',
  'escalate',
  'restore',
  'other',
] as const;

export const APPEND_FAILURES = ['store', 'hijacked', 'too_large', 'closed', 'full', 'other'] as const;
export const SEAL_RESULTS = ['sealed', 'idle', 'lost_race', 'failed', 'refused'] as const;
/** The verdicts of verification that mean tampering, and what the sentinel saw. */
export const TAMPER_KINDS = [
  'modified',
  'missing',
  'truncated',
  'fork',
  'duplicate',
  'key',
  'format',
  'stream_modify',
  'stream_remove',
  'lane_hijacked',
  'removed',
  'head_conflict',
  'other',
] as const;

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
  'live',
  'other',
] as const;
export const STORE_OPERATIONS = ['get', 'put', 'put_run', 'query', 'add', 'merge', 'remove'] as const;
export const WS_ERRORS = ['auth', 'protocol', 'overflow', 'network', 'other'] as const;
export const ENVIRONMENTS = ['dev', 'staging', 'prod', 'other'] as const;
export const CHANNELS = ['slack', 'pagerduty', 'email', 'webhook', 'other'] as const;
export const DEPLOYMENT_RESULTS = ['success', 'failure', 'rollback'] as const;

export const SENSITIVITIES = ['low', 'medium', 'high', 'critical'] as const;
/** Requirements, design §2: never one bucket for everything that is wrong. */
export const VERDICTS = [
  'OK',
  'PENDING',
  'MODIFIED',
  'MISSING',
  'TRUNCATED',
  'FORK',
  'DUPLICATE',
  'KEY',
  'FORMAT',
  'ERASED',
] as const;
