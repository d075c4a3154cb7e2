/**
 * OpenID AuthZEN Authorization API 1.0: single and batch evaluation and the configuration document. An enforcement
 * point asks about a subject that it names; the answer is advice to it, recorded under its own name. It grants no
 * capability and opens no approval, and `needs approval` is a no with the outcome in `context`.
 */
import * as z from 'zod';
import { scopesOfRoles } from '../../src/charter/charter.ts';
import { declaredPrincipal } from '../../src/charter/subject.ts';
import type { Caller, Question } from '../../src/decision/question.ts';
import { type ConsultDeps, type Consulted, consult } from '../../src/gate/consult.ts';
import { ask as askWorkflow, type Office } from '../../src/gate/mediate.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { DRAG_MODES, type DragMode, type Principal, type RiskLevel } from '../../src/terms.ts';
import { parseWith, readJson } from '../body.ts';
import { callerOf } from '../recorded.ts';
import type { Ctx, RouteFamily } from '../routes.ts';
import { receiptBody } from '../views.ts';
import { limitedAnswer } from './decisions.ts';

export interface AuthzenRoutesDeps {
  readonly office: Office & ConsultDeps;
  /** Where this service is reached, e.g. `https://pdp.example.org`; by default as the request was addressed. */
  readonly url?: string;
}

const SCOPE = 'decisions:evaluate';
/** Evaluations in one batch. */
const MAX_BATCH = 100;
/** A caller's request id is echoed (AuthZEN §10.1), and stands in records: nothing that could forge a line. */
const REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const object = z.custom<JsonObject>(isObject, 'must be an object');
const text = z.string().min(1).max(1024);
const subject = z.object({ type: text, id: text, properties: object.optional() });
const action = z.object({ name: text, properties: object.optional() });
const resource = z.object({ type: text, id: text, properties: object.optional() });

const evaluation = z.object({ subject, action, resource, context: object.optional() });
type Evaluation = z.output<typeof evaluation>;

const SEMANTICS = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const;
const batch = z.object({
  subject: subject.optional(),
  action: action.optional(),
  resource: resource.optional(),
  context: object.optional(),
  evaluations: z.array(object).max(MAX_BATCH).optional(),
  options: z.looseObject({ evaluations_semantic: z.enum(SEMANTICS).default('execute_all') }).optional(),
});

export function authzenRoutes({ office, url }: AuthzenRoutesDeps): RouteFamily {
  async function evaluate(caller: Caller, asked: Evaluation): Promise<Consulted> {
    return consult(office, caller, await questionOf(office, caller.principal, asked), { grants: false });
  }

  return (mount) => {
    mount(
      {
        method: 'post',
        path: '/access/v1/evaluation',
        scope: SCOPE,
        standing: 'weighed',
        summary: 'AuthZEN: may this subject do this to that',
        tag: 'authzen',
        body: evaluation,
        responses: {
          200: { description: '`decision`, with reasons in `context`' },
          400: { description: 'Not an evaluation' },
        },
      },
      async (c) => {
        echoRequestId(c);
        const asked = parseWith(evaluation, await readJson(c));
        const consulted = await evaluate(callerOf(c), asked);
        return limitedAnswer(c, consulted) ?? c.json(answerOf(consulted, c.get('trace')));
      },
    );

    mount(
      {
        method: 'post',
        path: '/access/v1/evaluations',
        scope: SCOPE,
        standing: 'weighed',
        summary: 'AuthZEN: several evaluations, with defaults and short-circuits',
        tag: 'authzen',
        body: batch,
        responses: {
          200: { description: '`evaluations`, in the order asked' },
          400: { description: 'Not a batch' },
        },
      },
      async (c) => {
        echoRequestId(c);
        const body = parseWith(batch, await readJson(c));
        const caller = callerOf(c);
        const { evaluations, options, ...defaults } = body;
        // Without evaluations this is a single evaluation (§7.1).
        if (evaluations === undefined || evaluations.length === 0) {
          const consulted = await evaluate(caller, parseWith(evaluation, defaults));
          return limitedAnswer(c, consulted) ?? c.json(answerOf(consulted, c.get('trace')));
        }
        const semantic = options?.evaluations_semantic ?? 'execute_all';
        const answers: JsonObject[] = [];
        for (const one of evaluations) {
          // Each evaluation replaces whole members of the defaults, it does not merge into them.
          const parsed = evaluation.safeParse({ ...defaults, ...one });
          const answer = parsed.success
            ? answerOf(await evaluate(caller, parsed.data), c.get('trace'))
            : malformed(parsed.error);
          answers.push(answer);
          if (semantic === 'deny_on_first_deny' && answer.decision !== true) break;
          if (semantic === 'permit_on_first_permit' && answer.decision === true) break;
        }
        return c.json({ evaluations: answers });
      },
    );

    mount(
      {
        method: 'get',
        path: '/.well-known/authzen-configuration',
        scope: null,
        summary: 'AuthZEN: where the endpoints are',
        tag: 'authzen',
        responses: { 200: { description: 'Metadata of the policy decision point' } },
      },
      (c) => {
        const base = (url ?? new URL(c.req.url).origin).replace(/\/$/, '');
        return c.json(
          {
            policy_decision_point: base,
            access_evaluation_endpoint: `${base}/access/v1/evaluation`,
            access_evaluations_endpoint: `${base}/access/v1/evaluations`,
          },
          200,
          { 'cache-control': 'public, max-age=300' },
        );
      },
    );
  };
}

/**
 * The caller itself, when it asks about itself and says nothing more; else the subject as the caller declares it.
 * A body never adds to what the caller's own token says.
 */
async function questionOf(
  office: Office & ConsultDeps,
  principal: Principal,
  asked: Evaluation,
): Promise<Question> {
  const { subject: who, action: what, resource: on, context = {} } = asked;
  const self = who.id === principal.sub && who.properties === undefined;
  const properties: JsonObject = { kind: kindOf(who.type), ...who.properties };
  const declared = self
    ? undefined
    : declaredPrincipal(who.id, properties, scopesOfRoles(await office.charter()), principal.expires_at);
  const base = {
    scope: SCOPE,
    mode: 'enforce',
    ...(declared ? { subject: declared } : {}),
  } as const;
  const mode = DRAG_MODES.find((known) => known === what.name || known === context.drag_mode);
  const isWorkflow = on.type.toLowerCase() === 'workflow';

  if (isWorkflow && isObject(context.aim)) {
    const body = { ...context, workflow_name: on.id, drag_mode: mode ?? what.name } satisfies Json;
    return { ...askWorkflow(office, { ok: true, value: body }, SCOPE), ...base };
  }
  const workflow = isWorkflow ? office.workflows.get(on.id) : undefined;
  const unknown = isWorkflow && workflow === undefined;
  return {
    ...base,
    action: isWorkflow ? 'workflow:execute' : what.name,
    resource: { type: isWorkflow ? 'workflow' : on.type, id: unknown ? 'unknown' : on.id },
    shape: unknown
      ? [{ code: 'unknown_workflow', path: '/resource/id', message: 'no such workflow', kind: 'invalid' }]
      : [],
    ...(workflow ? { workflow, ...modeOf(mode, what.name) } : {}),
    ask: {
      parameters: isObject(context.parameters) ? context.parameters : {},
      properties: { ...what.properties, ...on.properties },
      context,
      data_classes: Array.isArray(context.data_classes)
        ? context.data_classes.filter((name) => typeof name === 'string')
        : [],
      ...riskOf(context.risk_level),
      ...(declared ? { about: { sub: who.id, properties } } : {}),
    },
  };
}

/** An action that is no mode means to run the workflow. */
function modeOf(mode: DragMode | undefined, name: string): { drag_mode?: DragMode } {
  if (mode !== undefined) return { drag_mode: mode };
  return name === 'workflow:execute' ? { drag_mode: 'execute' } : {};
}

function kindOf(type: string): string {
  const plain = type.toLowerCase();
  if (['user', 'human', 'person', 'identity'].includes(plain)) return 'human';
  return plain === 'agent' || plain === 'ai_agent' ? 'agent' : 'service';
}

function riskOf(level: Json | undefined): { risk_level?: RiskLevel } {
  const levels: readonly RiskLevel[] = [1, 2, 3, 4, 5];
  const risk = levels.find((known) => known === level);
  return risk === undefined ? {} : { risk_level: risk };
}

function answerOf({ weighed, receipt, tool }: Consulted, trace: string): JsonObject {
  const { decision, decision_id } = weighed;
  return {
    decision: decision.outcome === 'allow',
    context: {
      outcome: decision.outcome,
      decision_id,
      trace_id: trace,
      reasons: decision.reasons.map((reason) => ({ ...reason })),
      counterfactual: decision.counterfactual.map((change) => ({ ...change })),
      obligations: decision.obligations.map((obligation) => ({ ...obligation })),
      ...(decision.approval ? { approval: { ...decision.approval } } : {}),
      ...(tool ? { filtered_parameters: tool.filtered_parameters, cache_ttl: tool.cache_ttl } : {}),
      charter: { ...decision.charter },
      receipt: receiptBody(receipt),
    },
  };
}

/** One evaluation of a batch that cannot be asked does not spoil the others: it is a no that says why. */
function malformed(error: z.ZodError): JsonObject {
  const first = error.issues[0];
  const message = first === undefined ? 'not an evaluation' : `${first.path.join('.')}: ${first.message}`;
  return { decision: false, context: { error: { status: 400, message } } };
}

function echoRequestId(c: Ctx): void {
  const given = c.req.header('x-request-id');
  if (given !== undefined && REQUEST_ID.test(given)) c.set('requestId', given);
}
