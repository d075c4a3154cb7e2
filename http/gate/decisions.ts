/** Native decisions, and the check of the capabilities that they grant. */
import * as z from 'zod';
import { closed, schemaReasons } from '../../src/aim/closed.ts';
import { dataClasses, options, riskLevel } from '../../src/aim/request.ts';
import type { Charter } from '../../src/charter/charter.ts';
import { unreadable } from '../../src/charter/declared.ts';
import type { Capabilities } from '../../src/decision/capability.ts';
import type { Question } from '../../src/decision/question.ts';
import { ChanceryError, type Reason } from '../../src/errors.ts';
import { bodyFault, codeOf } from '../../src/gate/answer.ts';
import { type ConsultDeps, type Consulted, consult, requestDigest } from '../../src/gate/consult.ts';
import { ask as askWorkflow, type Office } from '../../src/gate/mediate.ts';
import type { JsonObject } from '../../src/json.ts';
import { metaOf } from '../../src/ledger/record.ts';
import { DRAG_MODES } from '../../src/terms.ts';
import { type Body, firstOf, parseWith, readBody, readJson } from '../body.ts';
import { problem } from '../problem.ts';
import { callerOf } from '../recorded.ts';
import type { Ctx, RouteFamily } from '../routes.ts';
import { decisionBody } from '../views.ts';

export interface DecisionRoutesDeps {
  readonly office: Office & ConsultDeps;
  readonly capabilities: Capabilities;
}

const SCOPE = 'decisions:evaluate';

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const object = z.custom<JsonObject>(isObject, 'must be an object');
const name = z.string().min(1).max(256);

/** A question about something other than a workflow. Properties may also stand in `resource` directly. */
export const actionQuestion = closed({
  action: z
    .union([name, closed({ name })])
    .transform((action) => (typeof action === 'string' ? action : action.name)),
  resource: z
    .looseObject({
      type: name.refine((type) => type !== 'workflow', 'ask about a workflow by workflow_name, with its aim'),
      id: name,
      properties: object.default({}),
    })
    .transform(({ type, id, properties, ...direct }) => ({
      type,
      id,
      properties: { ...(isObject(direct) ? direct : {}), ...properties },
      direct: Object.keys(direct),
    })),
  drag_mode: z.enum(DRAG_MODES).optional(),
  parameters: object.default({}),
  context: object.default({}),
  risk_level: riskLevel.optional(),
  data_classes: dataClasses.default([]),
  options: options.default({ mode: 'enforce', explain: 'summary' }),
});

const verification = closed({
  token: z.string().min(1).max(16_384),
  /** What is about to be done, in the form in which it was asked; or the decision's `action_digest`. */
  request: object.optional(),
  action_digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** Look without using it up. */
  keep: z.boolean().default(false),
});

export function decisionRoutes({ office, capabilities }: DecisionRoutesDeps): RouteFamily {
  return (mount) => {
    mount(
      {
        method: 'post',
        path: '/decisions',
        scope: SCOPE,
        standing: 'weighed',
        summary: 'Decide and record; a denial is an answer, not an error',
        tag: 'decisions',
        body: z.object({ workflow_name: z.string().optional() }).loose(),
        responses: {
          200: { description: 'The decision: allow, deny or require_approval' },
          400: { description: 'Not a question: neither a workflow nor an action and a resource' },
          429: { description: 'A rate limit is used up' },
        },
      },
      async (c) => {
        const caller = callerOf(c);
        const question = questionOf(office, await office.charter(), await readBody(c));
        const consulted = await consult(office, caller, question, { grants: true });
        const refused = limitedAnswer(c, consulted) ?? unreadableAnswer(c, question, consulted);
        if (refused !== undefined) return refused;
        c.set('governed', consulted.weighed.decision.outcome !== 'allow');
        return c.json(consultedBody(consulted, caller.trace));
      },
    );

    mount(
      {
        method: 'post',
        path: '/decisions/verify',
        scope: SCOPE,
        summary: 'Check a capability token and use it up',
        tag: 'decisions',
        body: verification,
        responses: { 200: { description: '`valid`, and what it allows or why it is not good' } },
      },
      async (c) => {
        const { token, request, action_digest, keep } = parseWith(verification, await readJson(c));
        const charter = await office.charter();
        const asked =
          request === undefined ? undefined : questionOf(office, charter, { ok: true, value: request });
        if (asked !== undefined && isUnreadable(asked)) throw invalid(asked.shape);
        const stopped = (await office.emergency()).state !== 'clear';
        if (stopped)
          return c.json({ valid: false, reason: 'emergency_stop', error: 'An emergency stop is in force.' });
        const redeemed = await capabilities.redeem(token, {
          charter: charter.digest,
          keep,
          ...(action_digest === undefined ? {} : { action_digest }),
          ...(asked === undefined ? {} : { request_digest: requestDigest(asked) }),
        });
        await office.ledger.append({
          type: 'api.request',
          trace: c.get('trace'),
          who: c.get('principal'),
          meta: { ...metaOf(callerOf(c)), charter: charter.digest },
          data: {
            what: 'capability',
            result: redeemed.ok ? 'valid' : redeemed.fault,
            kept: keep,
            ...(redeemed.ok
              ? {
                  decision_id: redeemed.claims.decision_id,
                  record: redeemed.claims.record,
                  jti: redeemed.claims.jti,
                  exp: redeemed.claims.exp,
                }
              : {}),
          },
        });
        if (!redeemed.ok) {
          c.set('governed', true);
          return c.json({ valid: false, reason: redeemed.fault, error: redeemed.message });
        }
        const { decision_id, action, resource, record, exp, sub } = redeemed.claims;
        return c.json({
          valid: true,
          used: !keep,
          decision_id,
          subject: sub,
          action,
          resource,
          action_digest: redeemed.claims.action_digest,
          charter: redeemed.claims.charter,
          record,
          expires_at: new Date(exp * 1000).toISOString(),
        });
      },
    );
  };
}

/**
 * A native question: a governed workflow request, or an action on a resource. What is wrong with its form stands
 * inside it, so that the refusal is recorded.
 */
export function questionOf(
  office: Pick<Office, 'workflows' | 'issuers'>,
  charter: Charter,
  body: Body,
): Question {
  if (!body.ok || (isObject(body.value) && body.value.workflow_name !== undefined))
    return askWorkflow(office, body, SCOPE);
  const parsed = actionQuestion.safeParse(body.value);
  if (!parsed.success) return unreadableQuestion(schemaReasons(parsed.error));
  const { action, resource, context, ...asked } = parsed.data;
  const { type, id, properties, direct } = resource;
  return {
    action,
    resource: { type, id },
    scope: SCOPE,
    shape: unreadable(charter, { action, type, properties, context, direct }),
    mode: asked.options.mode,
    ...(asked.drag_mode ? { drag_mode: asked.drag_mode } : {}),
    ask: {
      parameters: asked.parameters,
      properties,
      context,
      data_classes: asked.data_classes,
      ...(asked.risk_level ? { risk_level: asked.risk_level } : {}),
    },
  };
}

/** What was asked cannot be read at all: a question of its own, so that its refusal is recorded. */
export function unreadableQuestion(shape: readonly Reason[]): Question {
  const unknown = { type: 'unknown', id: 'unknown' };
  return { action: 'unknown', resource: unknown, scope: SCOPE, shape, mode: 'enforce' };
}

/** No question at all: neither an action that can be read, nor a workflow request. */
function isUnreadable({ request, shape }: Question): boolean {
  const [first] = shape;
  if (first === undefined) return false;
  // An AIM rule that is broken is a denial, as the charter's are.
  return request === undefined && (first.code === 'schema_error' || bodyFault(first) !== undefined);
}

function unreadableAnswer(c: Ctx, question: Question, { weighed }: Consulted): Response | undefined {
  const { stage, reasons } = weighed.decision;
  if (stage !== 'shape' || !isUnreadable(question)) return undefined;
  c.set('governed', true);
  const [first] = reasons;
  const asked = question.action === 'workflow:execute' ? codeOf(weighed) : 'VALIDATION_ERROR';
  const code = (first && bodyFault(first)) ?? asked;
  return problem(c, code, invalid(reasons).message, { reasons, decision_id: weighed.decision_id });
}

function invalid(reasons: readonly Reason[]): ChanceryError {
  return new ChanceryError('VALIDATION_ERROR', firstOf(reasons), { reasons });
}

/** Over a limit the answer is 429 on every route, so that callers back off. */
export function limitedAnswer(c: Ctx, { weighed }: Consulted): Response | undefined {
  const { decision, decision_id } = weighed;
  if (decision.stage !== 'limit') return undefined;
  c.set('governed', true);
  return problem(c, codeOf(weighed), decision.reasons[0]?.message ?? 'Too many requests.', {
    reasons: decision.reasons,
    decision_id,
    headers: { 'retry-after': String(decision.retry_after_seconds ?? 1) },
  });
}

export function consultedBody(
  { weighed, receipt, capability, approval, tool }: Consulted,
  trace: string,
): JsonObject {
  const waiting = weighed.decision.approval;
  return {
    ...decisionBody(weighed, receipt, trace),
    ...(capability ? { capability: { ...capability } } : {}),
    ...(approval ? { approval: { ...approval } } : waiting ? { approval: { ...waiting } } : {}),
    ...(tool ? { filtered_parameters: tool.filtered_parameters, cache_ttl: tool.cache_ttl } : {}),
  };
}
