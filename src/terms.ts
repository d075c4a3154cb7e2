/**
 * The words of the domain that more than one folder of `src` uses. Types and closed lists only.
 */
import type { Reason } from './errors.ts';
import type { Json, JsonObject } from './json.ts';

export const DRAG_MODES = ['draft', 'research', 'analysis', 'grunt', 'execute'] as const;
export type DragMode = (typeof DRAG_MODES)[number];

/**
 * The failure reasons of AIM validation, in the order in which they are judged: the first one that applies
 * is the one that the request failed by, and the metric's label.
 */
export const FAILURE_REASONS = [
  'body_too_large',
  'unsupported_media_type',
  'unsupported_encoding',
  'invalid_workflow_name',
  'unknown_workflow',
  'missing_actor',
  'actor_name_too_short',
  'invalid_actor_email',
  'actor_mismatch',
  'missing_input',
  'no_input_sources',
  'missing_mission',
  'objective_too_short',
  'no_success_criteria',
  'missing_mode',
  'invalid_mode',
  'analysis_human_only',
  'schema_error',
  'effects_in_mode',
  'mode_human_only',
] as const;

export type FailureReason = (typeof FAILURE_REASONS)[number];

/** What kind of principal a token is for; whether it is a person decides more than its name. */
export const PRINCIPAL_KINDS = ['human', 'agent', 'service'] as const;
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

export const ACTOR_TYPES = [
  'ai_agent',
  'human_user',
  'system_service',
  'organizational_role',
  'external_party',
] as const;
export type ActorType = (typeof ACTOR_TYPES)[number];

export const SEVERITIES = ['WARNING', 'SUSPENSION', 'BAN', 'CRIMINAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const POLICY_MODES = ['permissive', 'strict', 'paranoid'] as const;
export type PolicyMode = (typeof POLICY_MODES)[number];

export type RiskLevel = 1 | 2 | 3 | 4 | 5;

/** How much harm a workflow, tool or server can do, ascending. */
export const SENSITIVITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Sensitivity = (typeof SENSITIVITIES)[number];

/** How far an agent is trusted, ascending. */
export const TRUST_LEVELS = ['untrusted', 'limited', 'trusted'] as const;
export const AGENT_TYPES = ['service', 'worker', 'query'] as const;
export const AGENT_CAPABILITIES = ['execute', 'query', 'delegate'] as const;

/** How soon a person must look, ascending. */
export const PRIORITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What a principal can be under; each takes effect on its next request. */
export const SANCTION_KINDS = ['quarantine', 'suspension', 'ban', 'revocation'] as const;
export type SanctionKind = (typeof SANCTION_KINDS)[number];

/** What the loop can do about a violation, mildest first; `restore` undoes the others. */
export const HEALING_ACTIONS = [
  'log_and_monitor',
  'quarantine_network',
  'remove_from_cluster',
  'escalate_to_committee',
  'restore',
] as const;

/** Conduct that breaks a charter. A charter gives each its severity; what it does not name is `other`. */
export const VIOLATION_TYPES = [
  'silent_collection',
  'behavioral_prediction',
  'algorithm_manipulation',
  'data_extraction',
  'exploitation',
  'unauthorized_override',
  'other',
] as const;
export type ViolationType = (typeof VIOLATION_TYPES)[number];

/** Why the data of a person is to be revoked. */
export const REVOCATION_REASONS = [
  'account_closure',
  'policy_violation',
  'security_incident',
  'user_request',
] as const;
export type RevocationReason = (typeof REVOCATION_REASONS)[number];

/** Why an override is taken. One that bypasses everything is not offered. */
export const OVERRIDE_REASONS = ['time_limited_exception', 'risk_accepted'] as const;
export type OverrideReason = (typeof OVERRIDE_REASONS)[number];

/** How a run can end, or be found. */
export const RUN_OUTCOMES = ['success', 'failure', 'stale'] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

/** Whether a mission's success criteria were met by the output; `unknown` where nothing checks one. */
export const SETTLEMENTS = ['met', 'unmet', 'unknown'] as const;
export type SettlementResult = (typeof SETTLEMENTS)[number];

/** What came of a tool call, as its gateway says; `stale`: nothing was heard of it, so that nobody knows. */
export const TOOL_OUTCOMES = ['success', 'failure', 'denied', 'cancelled', 'stale'] as const;
export type ToolOutcome = (typeof TOOL_OUTCOMES)[number];

export const DEPLOYMENT_RESULTS = ['success', 'failure', 'rollback'] as const;
export type DeploymentResult = (typeof DEPLOYMENT_RESULTS)[number];

/** Where Chancery itself can be deployed. */
export const ENVIRONMENT_NAMES = ['dev', 'staging', 'prod'] as const;
/** Where a deployment that is recorded went. */
export const DEPLOYMENT_ENVIRONMENTS = [...ENVIRONMENT_NAMES, 'other'] as const;

/** Verdicts of a verification that mean that the ledger is not what was signed, worst first. */
export const BROKEN_VERDICTS = [
  'KEY',
  'FORK',
  'MODIFIED',
  'MISSING',
  'TRUNCATED',
  'DUPLICATE',
  'FORMAT',
] as const;
/**
 * What verification may say. One word per kind of trouble, each with its place: a double write is not a
 * deletion, and "tampered" helps nobody. Worst first: the verdict of a verification is the worst of its findings.
 */
export const VERDICTS = [...BROKEN_VERDICTS, 'PENDING', 'OK', 'ERASED'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What can be wrong with one signed thing: its form, who signed it, what was signed. */
export type SignedVerdict = Extract<Verdict, 'FORMAT' | 'KEY' | 'MODIFIED'>;

/** What `security.tamper_detected` can be about, by whoever saw it: `data.kind`. */
export const TAMPER_KINDS = [
  /** The sentinel: the store says that a ledger item was modified or removed. */
  'stream_modify',
  'stream_remove',
  /** A writer: its own lane holds a record that it did not write. */
  'lane_hijacked',
  /** The start check: the heads of tree, lanes and lock contradict one another. */
  'head_conflict',
  /** The sealer: a lane that cannot be sealed, or a staged bundle that nobody of ours staged. */
  'unsealable',
  'staged_bundle',
  /** The patrol: what readers find sealed records by was taken out of the store, or changed; it is written again. */
  'notes_changed',
  'state_inserted',
  'state_changed',
  'state_removed',
  /** On AWS: Step Functions runs a workflow of ours that no record begins. */
  'execution_begun',
  /** On AWS: somebody changed who may reach a bucket, a table or a key that the log stands on. */
  'ground_changed',
] as const;
export type TamperKind = (typeof TAMPER_KINDS)[number];

/** `data` of `security.tamper_detected`; what else stands in it depends on the kind. */
export type TamperNotice = JsonObject & { readonly kind: TamperKind };

/** Why a token was not accepted. Each is a metric label and stands in records. */
export const AUTH_REASONS = [
  'missing',
  'malformed',
  'oversize',
  'alg',
  'header',
  'typ',
  'kid',
  'keys_unavailable',
  'signature',
  'issuer',
  'audience',
  'expired',
  'not_before',
  'claims',
  'act_depth',
] as const;
export type AuthReason = (typeof AUTH_REASONS)[number];

/**
 * A principal is this pair and nothing less: a `sub` is unique within its issuer only (RFC 7519 §4.1.2), so two
 * issuers' `jake` are two people. Whatever is kept of or for somebody is kept under the pseudonym of the pair.
 */
export interface PrincipalId {
  /** `iss`, as the token says it. */
  readonly issuer: string;
  readonly sub: string;
}

/** Who is asking, as the token says. Nothing in a body can change it. */
export interface Principal extends PrincipalId {
  /** Name of the issuer where it is not the home one: it goes before a `sub` wherever a charter names somebody. */
  readonly realm?: string;
  readonly kind: PrincipalKind;
  readonly actor_type: ActorType;
  readonly name?: string;
  readonly email?: string;
  readonly roles: readonly string[];
  /** Granted by the token, plus those of its roles under the active charter. */
  readonly scopes: readonly string[];
  /** RFC 8693 `act` chain, nearest actor first; depth ≤ 2. Not empty means: not a human. */
  readonly act: readonly string[];
  /**
   * The subject itself is a person, though perhaps an agent acts for them (`act`). False where the token does
   * not say so.
   */
  readonly person?: boolean;
  /** `amr` shows a second factor and `auth_time` is at most 15 minutes old. */
  readonly fresh_mfa: boolean;
  /** `sid`, else `jti`. */
  readonly session?: string;
  readonly expires_at: number;
}

export type AimRequest = {
  readonly actor: { readonly name: string; readonly role?: string; readonly email?: string };
  readonly input: {
    readonly sources: readonly {
      readonly type: string;
      readonly description: string;
      readonly location?: string;
    }[];
    readonly constraints: readonly string[];
  };
  readonly mission: {
    readonly objective: string;
    readonly success_criteria: readonly string[];
    readonly checks: readonly MissionCheck[];
  };
};

export const CHECK_OPS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'exists', 'matches', 'contains'] as const;
export type MissionCheck = {
  /** Index into success_criteria. */
  readonly criterion: number;
  /** JSONPath into the workflow's output, `$.a.b[0]`. */
  readonly path: string;
  readonly op: (typeof CHECK_OPS)[number];
  readonly value?: Json;
};

/**
 * `enforce`: the decision is in force. `dry_run`: it is asked what it would be. `shadow`: the same, by the
 * candidate charter.
 */
export const DECISION_MODES = ['enforce', 'dry_run', 'shadow'] as const;
export type DecisionMode = (typeof DECISION_MODES)[number];
/** How much of the reasons an answer tells. */
export const EXPLANATIONS = ['none', 'summary', 'full'] as const;
export type Explanation = (typeof EXPLANATIONS)[number];

/** What data a run touches. Policies name these, so another spelling would pass a forbid by. */
export const DATA_CLASSES = [
  'public',
  'internal',
  'confidential',
  'personal',
  'special_category',
  'financial',
  'credentials',
] as const;
export type DataClass = (typeof DATA_CLASSES)[number];

/** A parsed governed request: its shape is right; AIM rules are still to be applied. */
export interface GovernedRequest {
  readonly workflow_name: string;
  readonly drag_mode: DragMode;
  readonly aim: AimRequest;
  readonly parameters: JsonObject;
  readonly data_classes: readonly string[];
  readonly risk_level?: RiskLevel;
  readonly output_text?: string;
  readonly options: {
    readonly mode: DecisionMode;
    readonly explain: Explanation;
  };
}

/** What the charter needs to know of a workflow; a workflow's manifest has these. */
export interface WorkflowFacts {
  readonly name: string;
  readonly risk_level: RiskLevel;
  readonly data_classes: readonly string[];
  readonly sensitivity: Sensitivity;
  /** The DRAG modes it may run in. */
  readonly modes: readonly DragMode[];
  /** Roles that its manifest names as its users; empty or absent: any that the charter permits. */
  readonly roles?: readonly string[];
  /** A run changes or discloses something. Derived from its tasks, not declared by its manifest. */
  readonly effects: boolean;
  /** A scope that it needs beside the route's. */
  readonly scope?: string;
}

export const OUTCOMES = ['allow', 'deny', 'require_approval'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export type Obligation = {
  readonly id: string;
  readonly paths?: string[];
  readonly on_fail: 'deny';
};

/** The kinds of prescriptive language. */
export const PHRASE_TYPES = ['directive', 'superlative', 'absolute', 'recommendation'] as const;
export type PhraseType = (typeof PHRASE_TYPES)[number];

export type PrescriptiveHit = {
  readonly phrase: string;
  readonly phrase_type: PhraseType;
  /** UTF-16 offsets into the text as it was given: `text.slice(start, end)` is the phrase as written. */
  readonly start: number;
  readonly end: number;
  readonly suggestion: string;
};

/** The smallest change that would have been allowed, found by evaluating it. */
export type Counterfactual = {
  readonly change: string;
  readonly to: Json;
  readonly outcome: Outcome;
};

/** Where in the order of decision the decision fell. */
export const STAGES = [
  'emergency',
  'sanction',
  'shape',
  'aim',
  'scope',
  'forbid',
  'prescriptive',
  'limit',
  'permit',
  'approval',
] as const;
export type Stage = (typeof STAGES)[number];

export interface Decision {
  readonly outcome: Outcome;
  readonly stage: Stage;
  readonly reasons: readonly Reason[];
  readonly counterfactual: readonly Counterfactual[];
  readonly obligations: readonly Obligation[];
  /** Determining Cedar policies. */
  readonly policies: readonly { readonly id: string; readonly effect: 'permit' | 'forbid' }[];
  /** With stage `limit`: when the window turns. */
  readonly retry_after_seconds?: number;
  /** Policies that errored: any of them denies (invariant 3). */
  readonly policy_errors: readonly string[];
  readonly approval?: { readonly quorum: number; readonly priority: Priority };
  readonly charter: { readonly version: string; readonly digest: string };
}

/** What is asked beyond a governed workflow request: of a tool, an agent, a thing of a governed application. */
export interface Ask {
  /** What the action is to be done with; a gateway's tool arguments. */
  readonly parameters: JsonObject;
  /** What the caller declares about the resource. May raise what the charter knows of it, never lower it. */
  readonly properties: JsonObject;
  readonly context: JsonObject;
  readonly risk_level?: RiskLevel;
  readonly data_classes: readonly string[];
  /**
   * The subject when it is not the caller (AuthZEN): what an enforcement point says about it. Such a decision is
   * advice to that point: it carries no capability and opens no approval.
   */
  readonly about?: { readonly sub: string; readonly properties: JsonObject };
}
