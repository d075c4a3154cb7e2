/**
 * What the records of a governed request say in `data` and `labels`. Writers build these, the metrics fold,
 * the CLI, replay and dashboards read them. Personal values never stand here: they go into `personal`.
 */
import type { Reason } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import type {
  ActorType,
  Counterfactual,
  DecisionMode,
  DragMode,
  Obligation,
  Outcome,
  PhraseType,
  PrescriptiveHit,
  Priority,
  RiskLevel,
  RunOutcome,
  SettlementResult,
  Stage,
  ToolOutcome,
} from '../terms.ts';

/**
 * `decision.made` and `decision.dry_run`. An allow of an executed workflow is also its start: one record.
 * labels: drag_mode, actor_role, workflow, actor_type (always present; `none` or `other` where unknown).
 */
export type DecisionData = {
  decision_id: string;
  /** `rejected`: the AIM rules refused it before the charter was asked. */
  outcome: Outcome | 'rejected';
  stage: Stage;
  mode: DecisionMode;
  /** Present when this record is also the start of a run; `workflow.{succeeded,failed,stale}` follows it. */
  execution_id?: string;
  /** Workflow name as asked if registered; else absent. */
  workflow?: string;
  action: string;
  resource: { type: string; id: string };
  drag_mode: DragMode | 'none';
  risk_level: RiskLevel;
  data_classes: string[];
  actor_type: ActorType;
  /** The principal as the charter saw it, for replay. */
  principal: {
    kind: string;
    roles: string[];
    scopes: string[];
    act_depth: number;
    fresh_mfa: boolean;
    /** A person stands behind the request, even when an agent acts for them. */
    person: boolean;
  };
  reasons: Reason[];
  counterfactual: Counterfactual[];
  obligations: Obligation[];
  policies: { id: string; effect: 'permit' | 'forbid' }[];
  policy_errors: string[];
  prescriptive: PrescriptiveFound;
  approval_id?: string;
  /** The mission that the call of a tool was made for. */
  mission_id?: string;
  /** The override without which it would have waited for an approval. */
  override_id?: string;
  violation_id?: string;
  /** The question as the policies got it, without personal values: what replay asks again. */
  asked?: {
    action: string;
    subject: JsonObject;
    resource: JsonObject;
    context: JsonObject;
    scopes: string[];
  };
  /** What the candidate charter says of the same facts, while one shadows the charter in force. */
  shadow?: { digest: string; outcome: Outcome };
  /** Pseudonym of the subject that an enforcement point asked about, when it is not the caller. */
  about?: string;
  charter: { version: string; digest: string };
  /** Hex SHA-256 over RFC 8785 JSON of {sub, act, workflow or action+resource, mode, parameters, aim, charter}. */
  action_digest: string;
  /** Microseconds: policy evaluation alone, and authenticate-to-decided. */
  evaluation_us: number;
  latency_us: number;
};

/** What `personal` holds on a decision record. */
export type DecisionPersonal = {
  sub: string;
  name?: string;
  email?: string;
  ip?: string;
  user_agent?: string;
  aim?: Json;
  parameters?: Json;
};

/** `workflow.succeeded` / `workflow.failed` / `workflow.stale`. labels: workflow, drag_mode. */
export type OutcomeData = {
  decision_id: string;
  execution_id: string;
  outcome: RunOutcome;
  duration_us: number;
  /** States error name, `workflow.failed` only. */
  error_type?: string;
  output_digest?: string;
  output_bytes?: number;
  /** Name of the stored document when the output goes by reference. */
  output_ref?: string;
  /** Name of the document that the run wrote, as its output says. */
  document?: string;
  /** A run that was recorded as stale ended after all. */
  was_stale?: true;
  /** What the charter's budget books for a run. */
  cost_micro_dollars?: number;
  prescriptive: PrescriptiveFound;
  settlement: Settlement;
};

/** `tool.invoked` / `tool.failed`. labels: tool. */
export type ToolOutcomeData = {
  /** As the charter lists it. */
  tool: string;
  outcome: ToolOutcome;
  decision_id?: string;
  /** Of a call that was made through the office. */
  execution_id?: string;
  duration_us?: number;
  error_type?: string;
  /** Hex SHA-256 over the RFC 8785 form of the answer as the server gave it, and its bytes. */
  result_digest?: string;
  result_bytes?: number;
  /** JSON Pointers of what was taken out of the answer before it was given on. */
  stripped?: string[];
};

export type Settlement = {
  result: SettlementResult;
  checks: { criterion: number; path: string; op: string; result: SettlementResult }[];
};

/** `auth.unauthorized` (flood counts per second and reason), `auth.jwt_invalid`, `auth.scope_denied`. */
export type AuthData = {
  /** Why a token was not accepted, `scope`, or `revoked`: the label values of `auth_failures_total`. */
  reason: string;
  method: 'jwt';
  status: number;
  route: string;
  scope?: string;
  /** How many requests this record stands for. */
  count: number;
  /** The second in which they came (RFC 3339), when it stands for several. */
  second?: string;
};

/** `rate_limit.hit`. */
export type RateLimitData = {
  reason: string;
  scope?: string;
  limit: number;
  window_seconds: number;
  /** How many requests this record stands for, when not for one. */
  count?: number;
  /** The second in which they came (RFC 3339), when it stands for several. */
  second?: string;
};

/** `approval.requested`, `.approved`, `.rejected`, `.expired`. */
export type ApprovalData = {
  approval_id: string;
  /** The decision that asked for it. */
  decision_id: string;
  /** One step of one approval: the same id never stands in two records. */
  step_id?: string;
  action_digest: string;
  workflow?: string;
  tool?: string;
  risk_level: RiskLevel;
  priority: Priority;
  quorum: number;
  /** Approving votes, this one included. */
  votes: number;
  expires_at: string;
  /** False: a request, or a vote that does not complete the quorum. */
  final: boolean;
  /** Who voted: nothing but pseudonyms, so that one person with two accounts is seen to be one. */
  voter?: { by: string; marks: string[] };
  /** Microseconds from the request to this end of it. */
  waited_us?: number;
};

/** Prescriptive language that was found: how often by type, and where the first hits stand in the text. */
export type PrescriptiveFound = {
  counts: Partial<Record<PhraseType, number>>;
  first: { phrase_type: PhraseType; start: number; end: number }[];
};

/** A record takes 60 KB, a text of 1 MB may have more hits than that: all are counted, the first are shown. */
const SHOWN_HITS = 50;

export function foundIn(hits: readonly PrescriptiveHit[]): PrescriptiveFound {
  const counts: PrescriptiveFound['counts'] = {};
  for (const { phrase_type } of hits) counts[phrase_type] = (counts[phrase_type] ?? 0) + 1;
  const first = hits.slice(0, SHOWN_HITS).map(({ phrase_type, start, end }) => ({ phrase_type, start, end }));
  return { counts, first };
}
