/** What the console reads of the API's answers, and no more: a server may say more than this page shows. */
import * as z from 'zod/mini';

const text = z.string();
const maybe = z.optional(text);
const paged = { next: maybe };

const record = z.looseObject({
  type: text,
  time: text,
  trace: text,
  subject: maybe,
  data: z.record(text, z.unknown()),
});
export const entry = z.object({
  id: text,
  lane: z.number(),
  seq: z.number(),
  record_hash: text,
  signature: text,
  record,
});
export const entries = z.object({ entries: z.array(entry), ...paged });
export type Entry = z.infer<typeof entry>;

const reason = z.object({ code: text, message: text, policy_id: maybe, path: maybe, kind: maybe });
export type Reason = z.infer<typeof reason>;
const change = z.object({ change: text, to: z.unknown(), outcome: text });

/** `data` of `decision.made` and `decision.dry_run`. */
export const decision = z.object({
  decision_id: text,
  outcome: text,
  stage: text,
  mode: text,
  workflow: maybe,
  action: text,
  resource: z.object({ type: text, id: text }),
  drag_mode: text,
  risk_level: z.number(),
  actor_type: text,
  reasons: z.array(reason),
  counterfactual: z.array(change),
  policies: z.array(z.object({ id: text, effect: text })),
  approval_id: maybe,
  execution_id: maybe,
  violation_id: maybe,
  charter: z.object({ version: text, digest: text }),
  latency_us: z.number(),
});
export type Decision = z.infer<typeof decision>;

export const trust = z.object({
  origin: text,
  authorities: z.array(
    z.object({ public_key: text, from_lane: z.number(), to_lane: z.optional(z.number()), not_after: maybe }),
  ),
  log_keys: z.array(text),
});

export const consistency = z.object({ proof: z.array(text) });

/** What became of a promise, as the server has it. */
export const receiptAudit = z.object({
  status: text,
  detail: maybe,
  seconds_left: z.optional(z.number()),
  seconds_over: z.optional(z.number()),
  contradiction: z.optional(z.object({ what: text })),
});

const vote = z.object({ by: text, verdict: text, at: text, comment: maybe });
export const approval = z.object({
  approval_id: text,
  decision_id: text,
  status: text,
  priority: text,
  quorum: z.number(),
  approvals: z.number(),
  requested_at: text,
  expires_at: text,
  workflow: maybe,
  tool: maybe,
  drag_mode: text,
  risk_level: z.number(),
  action_digest: text,
  charter: z.object({ version: text, digest: text }),
  trace_id: text,
  votes: z.array(vote),
  requested_by: z.optional(z.object({ sub: text, name: maybe, act: z.array(text) })),
  request: z.optional(z.unknown()),
  execution: z.optional(z.object({ execution_id: maybe, outcome: text })),
});
export const approvals = z.object({ approvals: z.array(approval), ...paged });
export type Approval = z.infer<typeof approval>;

export const sanction = z.object({
  sanction_id: text,
  subject: text,
  kind: text,
  severity: text,
  violation_id: text,
  provisional: z.boolean(),
  status: text,
  from: text,
  until: z.nullable(text),
  reason: text,
  ended_at: maybe,
  ended_reason: maybe,
  record: text,
});
export const sanctions = z.object({ sanctions: z.array(sanction), ...paged });
export type Sanction = z.infer<typeof sanction>;

const event = z.object({
  type: text,
  at: text,
  by: z.nullable(text),
  record: text,
  reason: maybe,
  description: maybe,
  evidence: z.optional(z.array(text)),
  destroyed: z.optional(z.boolean()),
});
export const violation = z.object({
  violation_id: text,
  status: text,
  open: z.boolean(),
  severity: text,
  violation_type: text,
  node_or_service: text,
  origin: text,
  accused: z.nullable(text),
  reported_by: z.nullable(text),
  metric_name: maybe,
  reported_at: text,
  changed_at: text,
  votes: z.number(),
  votes_needed: z.number(),
  repeat: z.optional(z.number()),
  history: z.array(event),
  sanctions: z.optional(z.array(sanction)),
});
export const violations = z.object({ violations: z.array(violation), ...paged });
export type Violation = z.infer<typeof violation>;

export const tool = z.object({
  tool: text,
  server: text,
  listed: z.boolean(),
  reviewed: z.boolean(),
  definition_digest: text,
  definition: z.looseObject({ description: maybe }),
});
export const tools = z.object({
  tools: z.array(tool),
  unreachable: z.array(z.object({ server: text, fault: text, message: text })),
});
export type Tool = z.infer<typeof tool>;

export const objective = z.object({
  id: text,
  title: text,
  description: text,
  status: text,
  value: z.nullable(z.number()),
  measure: text,
  direction: text,
  target: z.number(),
  window_days: z.number(),
  observed_seconds: z.number(),
  total: z.number(),
  bad: z.number(),
  min_samples: z.number(),
  budget_left: z.nullable(z.number()),
  burn_rate: z.nullable(z.number()),
});
export const objectives = z.object({ timestamp: text, slos: z.array(objective) });
export type Objective = z.infer<typeof objective>;

const policy = z.object({
  id: text,
  effect: text,
  description: maybe,
  file: text,
  line: z.number(),
});
export const charter = z.object({ policies: z.array(policy), files: z.record(text, text) });
export type Charter = z.infer<typeof charter>;

/** An answer of which only that it came matters. */
export const anything = z.unknown();
