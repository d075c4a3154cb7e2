/**
 * What routes answer when they succeed, for the OpenAPI document and the clients that are made from it: `METHOD path` → schema. A route
 * whose schema stands at its handler is not here. Members may be added, so every object is open. A test holds answers of a running
 * system to it.
 */
import * as z from 'zod';
import { ENFORCEMENTS } from '../src/charter/collection.ts';
import { receiptAuditSchema } from '../src/ledger/receipt.ts';
import { DRAG_MODES, OUTCOMES, PRIORITIES, SEVERITIES } from '../src/terms.ts';
import { HEALTH_STATES } from '../src/watch/ops/health.ts';
import { STATUSES } from '../src/watch/slo/evaluate.ts';

const text = z.string();
const count = z.int().min(0);
const time = z.string().meta({ format: 'date-time' });
const yes = z.boolean();
const mode = z.enum(DRAG_MODES);
const free = z.looseObject({});
const counts = z.record(text, count);
const named = <T extends z.ZodType>(id: string, schema: T): T => schema.meta({ id });
const object = z.looseObject;
const list = <T extends z.ZodType>(of: T) => z.array(of);

/** A record's place in its lane, and what vouches for it. */
const signed = { id: text, lane: count, seq: count, record_hash: text, signature: text };
const receipt = named(
  'Receipt',
  object({
    ...signed,
    certificate_hash: text,
    time,
    max_merge_delay_seconds: z.number(),
  }),
);
const reason = named(
  'Reason',
  object({ code: text, message: text, kind: text, path: text.optional(), policy_id: text.optional() }),
);
const charter = object({ version: text, digest: text });
const prescriptive = object({ detected: yes, matches: list(free) });
const explained = {
  reasons: list(reason),
  counterfactual: list(free),
  obligations: list(free),
  charter,
};
const vote = free;
const approval = named(
  'Approval',
  object({
    approval_id: text,
    decision_id: text,
    status: text,
    priority: z.enum(PRIORITIES),
    quorum: count,
    approvals: count,
    drag_mode: text,
    risk_level: count,
    action_digest: text,
    charter,
    workflow: text.optional(),
    tool: text.optional(),
    requested_at: time,
    expires_at: time,
    votes: list(vote),
  }),
);
const decision = named(
  'Decision',
  object({
    ...explained,
    decision_id: text,
    trace_id: text,
    outcome: z.enum(OUTCOMES),
    decision: yes,
    mode: text,
    prescriptive,
    risk_level: count,
    action_digest: text,
    receipt,
    latency_us: z.number(),
    capability: object({ token: text, expires_at: time, single_use: yes, bound_to: text }).optional(),
    approval: free.optional(),
  }),
);
const ran = named(
  'Ran',
  object({
    success: yes,
    trace_id: text,
    decision_id: text,
    audit_logged: yes,
    outcome: text,
    governance_summary: text.optional(),
    duration_seconds: z.number().optional(),
    execution_id: text.optional(),
    output: z.unknown().optional(),
    settlement: object({ result: text, checks: list(free) }).optional(),
    receipt: receipt.optional(),
    outcome_receipt: receipt.optional(),
  }),
);
const waits = named(
  'Waits',
  object({
    success: yes,
    trace_id: text,
    decision_id: text,
    audit_logged: yes,
    outcome: text,
    governance_summary: text,
    receipt,
    reasons: list(reason).optional(),
    approval: approval.optional(),
    execution_id: text.optional(),
  }),
);
const evaluated = named('Evaluated', object({ decision: yes, context: free.optional() }));
const workflow = named(
  'Workflow',
  object({
    name: text,
    description: text,
    roles: list(text),
    modes: list(mode),
    risk_level: count,
    data_classes: list(text),
    kind: text,
    parameters: free,
    tasks: list(text),
    effects: yes,
    digest: text,
  }),
);
const flag = { value: yes, rule: z.union([text, z.number()]) };
const mission = named(
  'Mission',
  object({
    mission_id: text,
    status: text,
    tools: list(text),
    max_calls: count,
    calls: count,
    expires_at: time,
    aim: free,
  }),
);
const stop = named(
  'EmergencyState',
  object({
    state: text,
    audit_logged: yes.optional(),
    draining: yes.optional(),
    receipt: receipt.optional(),
  }),
);
const draft = named('Draft', object({ digest: text }));
const kase = named(
  'Case',
  object({ violation_id: text, violation_type: text, severity: z.enum(SEVERITIES), status: text }),
);
const sanction = named(
  'Sanction',
  object({
    sanction_id: text,
    subject: text,
    kind: text,
    severity: text,
    status: text,
    provisional: yes,
    from: time,
    until: time.optional(),
    violation_id: text.optional(),
  }),
);
const healing = named(
  'HealingAction',
  object({
    healing_id: text,
    status: text,
    action: text,
    severity: text,
    subject: text,
    confidence: z.number(),
    violation_id: text,
    changed_at: time,
  }),
);
const override = named('WorkflowOverride', object({ override_id: text, status: text }));
const report = named(
  'Report',
  object({ report_id: text, status: text, received_at: time, answer_by: time, overdue: yes }),
);
const revocation = named(
  'Revocation',
  object({
    revocation_id: text,
    status: text,
    access: text,
    reason: text,
    subject: text,
    requested_at: time,
  }),
);
const hold = named('Hold', object({ hold_id: text, reason: text, placed_at: time }));
const entry = named(
  'Entry',
  object({
    ...signed,
    record: object({ type: text, time, trace: text, data: free }),
  }),
);
const verification = named(
  'Verification',
  object({ verdict: text, entries: count, lanes: count, tree_size: count, findings: list(free) }),
);
const health = named(
  'Health',
  object({
    status: z.enum(HEALTH_STATES),
    timestamp: time,
    checks: list(object({ name: text, status: text, details: object({ latency_ms: z.number() }) })),
  }),
);
const judgement = named(
  'Objective',
  object({
    id: text,
    title: text,
    description: text,
    status: z.enum(STATUSES),
    value: z.number().nullable(),
    measure: text,
    direction: text,
    target: z.number(),
    window_days: z.number(),
    total: z.number(),
    bad: z.number(),
    budget_left: z.number().nullable(),
    burn_rate: z.number().nullable(),
  }),
);
const alert = named('Alert', free);
const recorded = object({ recorded: yes, receipt });
const voted = object({ success: yes, trace_id: text, approval_id: text, status: text, approval });
const checked = named(
  'MetricCheck',
  object({
    is_valid: yes,
    allowed: yes,
    enforcement_action: z.enum(ENFORCEMENTS),
    reason: text,
    errors: list(text),
    warnings: list(text),
    latency_ns: z.number(),
  }),
);
const resource = object({
  resource: text,
  authorization_servers: list(text),
  scopes_supported: list(text),
  bearer_methods_supported: list(text),
});
const page = { next: text.optional() };

export const ANSWERS: Readonly<Record<string, z.ZodType>> = {
  'post /workflows/governed/execute': ran,
  'post /workflows/governed/execute 202': waits,
  'post /governance/validate': object({ valid: yes, summary: text, drag_mode: mode, actor: free, decision }),
  'get /workflows': object({ workflows: list(workflow) }),
  'get /workflows/:name': workflow,
  'post /decisions': decision,
  'post /decisions/verify': object({ valid: yes, reason: text.optional(), error: text.optional() }),
  'post /access/v1/evaluation': evaluated,
  'post /access/v1/evaluations': object({
    evaluations: list(evaluated).optional(),
    decision: yes.optional(),
  }),
  'get /.well-known/authzen-configuration': object({
    policy_decision_point: text,
    access_evaluation_endpoint: text,
    access_evaluations_endpoint: text,
    search_subject_endpoint: text,
    search_resource_endpoint: text,
    search_action_endpoint: text,
  }),
  'get /.well-known/chancery': object({ live: text, mcp: text, console: text, openapi: text }),
  'post /tools/invocations': recorded,
  'post /events': recorded,
  'get /flags': object({ flags: z.record(text, object(flag)), charter }),
  'get /flags/:name': object({ flag: text, ...flag }),
  'post /mcp': object({ jsonrpc: z.literal('2.0') }),
  'post /mcp/:server_name': object({ jsonrpc: z.literal('2.0') }),
  'get /.well-known/oauth-protected-resource/mcp': resource,
  'get /.well-known/oauth-protected-resource/mcp/:server_name': resource,
  'post /missions': mission,
  'get /missions/:id': mission,
  'delete /missions/:id': mission,
  'get /tools': object({ tools: list(free), unreachable: list(free) }),
  'post /tools/reviews': object({ tool: text, definition_digest: text, reviewed: yes, receipt }),
  'get /approvals': object({ approvals: list(approval), ...page }),
  'get /approvals/:id': approval,
  'post /approvals/:id/approve': voted,
  'post /approvals/:id/reject': voted,
  'post /emergency-stop': stop,
  'delete /emergency-stop': free,
  'get /emergency-stop': stop,
  'post /emergency-stop/release': free,
  'post /emergency-release': free,
  'post /drain': free,
  'delete /rate-limits/:sub': object({ reset: yes, sub: text, receipt }),
  'get /charters': object({
    active: object({ digest: text, version: text, status: text }),
    drafts: list(draft),
    history: list(free),
  }),
  'post /charters': draft,
  'post /charters/validate': object({ valid: yes }),
  'post /charters/rollback': free,
  'delete /charters/shadow': object({ shadow: text.nullable(), receipt }),
  'get /charters/:id': object({
    digest: text,
    name: text,
    version: text,
    status: text,
    policies: list(free),
    files: z.record(text, text),
  }),
  'get /charters/:id/diff': object({
    added: list(z.unknown()),
    removed: list(z.unknown()),
    changed: list(z.unknown()),
  }),
  'post /charters/:id/test': object({
    passed: count,
    failed: count,
    results: list(free),
    uncovered: list(text),
  }),
  'post /charters/:id/replay': object({
    base: text,
    candidate: text,
    replayed: count,
    skipped: count,
    flips: list(free),
    replay_digest: text,
  }),
  'post /charters/:id/shadow': object({ shadow: text, receipt }),
  'post /charters/:id/activate': object({ activated: yes, receipt }),
  'post /charter/metrics/validate': checked,
  'post /violations': kase,
  'get /violations': object({ violations: list(kase), ...page }),
  'get /violations/:id': kase,
  'post /violations/:id/confirm': free,
  'post /violations/:id/dismiss': free,
  'post /violations/:id/appeal': free,
  'post /violations/:id/restore': free,
  'delete /violations/:id/evidence': free,
  'get /sanctions': object({ sanctions: list(sanction), ...page }),
  'get /sanctions/:id': sanction,
  'post /sanctions/:id/lift': free,
  'get /healing': object({ mode: text, threats: list(free), healing: list(healing), ...page }),
  'get /healing/:id': healing,
  'post /healing/:id/undo': healing,
  'post /overrides': override,
  'get /overrides': object({ overrides: list(override), ...page }),
  'get /overrides/:id': override,
  'post /overrides/:id/approve': override,
  'post /overrides/:id/renew': override,
  'post /overrides/:id/end': override,
  'post /whistleblower/reports': object({ success: yes, report_id: text, code: text, answer_by: time }),
  'get /whistleblower/reports': object({ reports: list(report) }),
  'post /whistleblower/answers': object({ status: text }),
  'get /whistleblower/reports/:id': report,
  'post /whistleblower/reports/:id/answer': object({ success: yes, trace_id: text }),
  'post /revocations': revocation,
  'get /revocations': object({ revocations: list(revocation), ...page }),
  'post /revocations/:id/confirm': revocation,
  'post /revocations/:id/lift': revocation,
  'delete /revocations/:id': revocation,
  'get /revocations/:id': revocation,
  'delete /revocations/:id/export': object({ removed: yes, revocation_id: text, receipt }),
  'post /ledger/holds': hold,
  'get /ledger/holds': object({ holds: list(hold) }),
  'delete /ledger/holds/:id': object({ lifted: yes, receipt }),
  'post /ledger/prunings': object({ lanes: list(free), retention_days: count }),
  'post /state/verify': object({ verdict: text, items: count, findings: list(free) }),
  'post /deployments': object({
    deployment_id: text,
    environment: text,
    version: text,
    result: text,
    receipt,
  }),
  'get /alerts': object({ alerts: list(alert), ...page }),
  'post /alerts/:fingerprint/acknowledge': object({ acknowledged: yes, receipt }),
  'get /alerts/dead-letters': object({ dead_letters: list(free) }),
  'post /alerts/redrive': object({ redriven: z.unknown() }),
  'get /ledger/entries': object({ entries: list(entry), ...page }),
  'get /ledger/entries/:id': entry,
  'post /ledger/verify': verification,
  'get /sessions': object({
    sessions: list(
      object({
        session_id: text,
        subject: text.nullable(),
        first_seen: time,
        last_seen: time,
        records: count,
        refused: count,
      }),
    ),
    complete: yes,
  }),
  'get /ledger/top-users': object({
    users: list(
      object({
        subject: text,
        decisions: count,
        denied: count,
        scope_denied: count,
        limited: count,
        failed: count,
        unsuccessful: count,
      }),
    ),
    by: text,
    from: time,
    complete: yes,
  }),
  'get /ledger/trust': object({
    v: count,
    origin: text,
    authorities: list(
      object({ public_key: text, from_lane: count, to_lane: count.optional(), not_after: time.optional() }),
    ),
    log_keys: list(text),
    witnesses: list(text),
    max_merge_delay_seconds: z.number(),
  }),
  'get /ledger/consistency': object({ from: count, to: count, proof: list(text), checkpoint: text }),
  'get /ledger/report': object({
    entries: count,
    by_type: counts,
    by_outcome: counts,
    checkpoint: text.nullable(),
  }),
  'get /ledger/receipts/check': receiptAuditSchema,
  'get /reports/quarterly': object({
    period: free,
    records: count,
    violations: free,
    sanctions: free,
    proof: free,
  }),
  'get /health/live': health,
  'get /health': health,
  'get /health/ready': health,
  'get /health/startup': health,
  'get /health/detailed': health,
  'get /slos': object({ timestamp: time, slos: list(judgement) }),
  'get /slos/:id': judgement,
  'get /console/sign-in': object({ issuers: list(free) }),
  'get /openapi.json': object({ openapi: text, info: free, paths: free }),
  'post /notify/alertmanager': object({ accepted: count }),
};
