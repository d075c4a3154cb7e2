/**
 * OpenID AuthZEN Authorization API 1.0: single and batch evaluation and the configuration document. An enforcement
 * point asks about a subject that it names; the answer is advice to it, recorded under its own name. It grants no
 * capability and opens no approval, and `needs approval` is a no with the outcome in `context`.
 */
import * as z from 'zod';
import { open, schemaReasons } from '../../src/aim/closed.ts';
import { dataClasses, options } from '../../src/aim/request.ts';
import { scopesOfRoles } from '../../src/charter/charter.ts';
import { unreadable } from '../../src/charter/declared.ts';
import { declaredPrincipal } from '../../src/charter/subject.ts';
import type { Question } from '../../src/decision/question.ts';
import type { Reason } from '../../src/errors.ts';
import { bodyFault } from '../../src/gate/answer.ts';
import { type ConsultDeps, type Consulted, consult } from '../../src/gate/consult.ts';
import { ask as askWorkflow, type Office } from '../../src/gate/mediate.ts';
import type { Issuers } from '../../src/identity/issuers.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { isSame } from '../../src/ledger/people/pseudonym.ts';
import {
  type DecisionMode,
  DRAG_MODES,
  type DragMode,
  type Principal,
  type RiskLevel,
} from '../../src/terms.ts';
import { checkParameters } from '../../src/workflow/parameters.ts';
import { readBody } from '../body.ts';
import { personNamed } from '../person.ts';
import { problem } from '../problem.ts';
import { callerOf } from '../recorded.ts';
import type { Ctx, RouteFamily } from '../routes.ts';
import { receiptBody } from '../views.ts';
import { limitedAnswer, unreadableQuestion } from './decisions.ts';

export interface AuthzenRoutesDeps {
  readonly office: Office & ConsultDeps;
  /** Where this service is reached, e.g. `https://pdp.example.org`. */
  readonly url: (c: Ctx) => string;
}

const SCOPE = 'decisions:evaluate';
/** Evaluations in one batch. */
const MAX_BATCH = 100;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const object = z.custom<JsonObject>(isObject, 'must be an object');
const text = z.string().min(1).max(1024);
const subject = open({ type: text, id: text, properties: object.optional() });
const action = open({ name: text, properties: object.optional() });
const resource = open({ type: text, id: text, properties: object.optional() });

/** How to decide, beside what to decide: the specification leaves `options` to those who serve. */
const how = { mode: options.shape.mode.optional(), explain: options.shape.explain.optional() };

const evaluation = open({
  subject,
  action,
  resource,
  context: object.optional(),
  options: open(how).optional(),
});
type Evaluation = z.output<typeof evaluation>;

const SEMANTICS = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const;
const batch = open({
  subject: subject.optional(),
  action: action.optional(),
  resource: resource.optional(),
  context: object.optional(),
  evaluations: z.array(object).max(MAX_BATCH).optional(),
  options: open({ ...how, evaluations_semantic: z.enum(SEMANTICS).default('execute_all') }).optional(),
});

/** An evaluation whose subject is somebody: a `sub`, and its issuer in `properties.issuer` where there are several. */
const evaluationAmong = (issuers: Issuers) =>
  evaluation.check((context) => {
    const named = issuers.person(context.value.subject.id, issuerOf(context.value.subject));
    if (named.ok) return;
    const place = named.reason.code === 'invalid_subject' ? ['id'] : ['properties', 'issuer'];
    const { message } = named.reason;
    context.issues.push({ code: 'custom', path: ['subject', ...place], input: context.value, message });
  });

export function authzenRoutes({ office, url }: AuthzenRoutesDeps): RouteFamily {
  const whole = evaluationAmong(office.issuers);

  const consulted = (c: Ctx, question: Question): Promise<Consulted> =>
    consult(office, callerOf(c), question, { grants: false });

  /** One evaluation. What cannot be read is a refusal of it, on record as any other. */
  async function evaluate(c: Ctx, given: Json): Promise<Consulted> {
    const parsed = whole.safeParse(given);
    return consulted(
      c,
      parsed.success
        ? await questionOf(office, c.get('principal'), parsed.data)
        : unreadableQuestion(schemaReasons(parsed.error)),
    );
  }

  /** A request that is one question, or none: what is missing or of another type is answered 400 (AuthZEN §10.1.3). */
  async function single(c: Ctx, given: Json): Promise<Response> {
    const answer = await evaluate(c, given);
    if (whole.safeParse(given).success)
      return limitedAnswer(c, answer) ?? c.json(answerOf(answer, c.get('trace')));
    return refused(c, answer);
  }

  async function refused(c: Ctx, answer: Consulted): Promise<Response> {
    const limited = limitedAnswer(c, answer);
    if (limited !== undefined) return limited;
    const { decision, decision_id } = answer.weighed;
    const [first] = decision.reasons;
    c.set('governed', true);
    // Another media type is a bad request to the specification's certification suite (scenario c-2-4-3).
    const fault = first && first.code !== 'unsupported_media_type' ? bodyFault(first) : undefined;
    const code = fault ?? 'VALIDATION_ERROR';
    const message = first === undefined ? 'not an evaluation' : `${first.path ?? ''}: ${first.message}`;
    return problem(c, code, message, { reasons: decision.reasons, decision_id });
  }

  /** The body as JSON of its own media type, or the answer that it is not. */
  async function bodyOf(c: Ctx): Promise<Json | Response> {
    const body = await readBody(c);
    return body.ok ? body.value : refused(c, await consulted(c, unreadableQuestion([body.reason])));
  }

  return (mount) => {
    mount(
      {
        method: 'post',
        path: '/access/v1/evaluation',
        scope: SCOPE,
        standing: 'weighed',
        echoesRequestId: true,
        summary: 'AuthZEN: may this subject do this to that',
        tag: 'authzen',
        body: evaluation,
        responses: {
          200: { description: '`decision`, with reasons in `context`' },
          400: { description: 'Not an evaluation' },
        },
      },
      async (c) => {
        const body = await bodyOf(c);
        return body instanceof Response ? body : single(c, body);
      },
    );

    mount(
      {
        method: 'post',
        path: '/access/v1/evaluations',
        scope: SCOPE,
        standing: 'weighed',
        echoesRequestId: true,
        summary: 'AuthZEN: several evaluations, with defaults and short-circuits',
        tag: 'authzen',
        body: batch,
        responses: {
          200: { description: '`evaluations`, in the order asked' },
          400: { description: 'Not a batch' },
        },
      },
      async (c) => {
        const body = await bodyOf(c);
        if (body instanceof Response) return body;
        const parsed = batch.safeParse(body);
        if (!parsed.success)
          return refused(c, await consulted(c, unreadableQuestion(schemaReasons(parsed.error))));
        const { evaluations, options: said, ...defaults } = parsed.data;
        const { evaluations_semantic: semantic = 'execute_all', ...how } = said ?? {};
        const common = { ...defaults, ...(said === undefined ? {} : { options: how }) } as JsonObject;
        // Without evaluations this is a single evaluation (§7.1).
        if (evaluations === undefined || evaluations.length === 0) return single(c, common);
        const answers: JsonObject[] = [];
        for (const one of evaluations) {
          // Each evaluation replaces whole members of the defaults, it does not merge into them.
          const answer = answerOf(await evaluate(c, { ...common, ...one }), c.get('trace'));
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
        const base = url(c);
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
 * A body never adds to what the caller's own token says, and what in it cannot be read is a fault of its form.
 */
async function questionOf(
  office: Office & ConsultDeps,
  principal: Principal,
  asked: Evaluation,
): Promise<Question> {
  const { subject: who, action: what, resource: on, context = {} } = asked;
  const charter = await office.charter();
  const meant = personNamed(office.issuers, who.id, issuerOf(who));
  const self =
    isSame(meant, principal) && Object.keys(who.properties ?? {}).every((name) => name === 'issuer');
  const properties: JsonObject = { ...kindOf(who.type), ...who.properties };
  const declared = self
    ? undefined
    : declaredPrincipal(
        { ...meant, realm: office.issuers.realmOf(meant.issuer) },
        properties,
        scopesOfRoles(charter),
        principal.expires_at,
      );
  const base = {
    scope: SCOPE,
    mode: decisionMode(asked.options, context.options),
    ...(declared ? { subject: declared } : {}),
  } as const;
  const isWorkflow = on.type === 'workflow';
  const mode = modeOf(what.name, context.drag_mode);
  const action = isWorkflow ? (mode ?? what.name) : what.name;
  const resource = { ...what.properties, ...on.properties };
  const shape = [
    ...unreadable(charter, {
      action,
      type: on.type,
      properties: resource,
      context,
      ...(who.properties ? { subject: who.properties } : {}),
    }),
    ...(isWorkflow ? contradiction(what.name, context.drag_mode) : []),
  ];

  if (isWorkflow && isObject(context.aim)) {
    const { aim, parameters, data_classes, risk_level, output_text } = context;
    const known = { aim, parameters, data_classes, risk_level, output_text };
    const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
    const body = { ...given, workflow_name: on.id, drag_mode: mode ?? what.name } satisfies Json;
    const question = askWorkflow(office, { ok: true, value: body }, SCOPE);
    return { ...question, ...base, shape: [...shape, ...question.shape] };
  }
  const workflow = isWorkflow ? office.workflows.get(on.id) : undefined;
  const parameters = isObject(context.parameters) ? context.parameters : undefined;
  if (isWorkflow && workflow === undefined)
    shape.push({
      code: 'unknown_workflow',
      path: '/resource/id',
      message: 'no such workflow',
      kind: 'invalid',
    });
  // Without parameters the question is a general one; with them it is about a run that they must fit.
  if (workflow !== undefined && parameters !== undefined)
    shape.push(
      ...checkParameters(workflow, parameters).map((reason) => ({
        ...reason,
        path: `/context${reason.path}`,
      })),
    );
  return {
    ...base,
    action: isWorkflow ? 'workflow:execute' : what.name,
    resource: { type: on.type, id: isWorkflow && workflow === undefined ? 'unknown' : on.id },
    shape,
    ...(workflow ? { workflow, ...(mode ? { drag_mode: mode } : {}) } : {}),
    ask: {
      parameters: parameters ?? {},
      properties: resource,
      context,
      data_classes: dataClasses.catch([]).parse(context.data_classes ?? []),
      ...riskOf(context.risk_level),
      ...(declared ? { about: { sub: who.id, properties } } : {}),
    },
  };
}

function issuerOf({ properties }: Evaluation['subject']): string | undefined {
  return properties?.issuer === undefined ? undefined : String(properties.issuer);
}

/** Dry run or shadow, wherever that was asked for; a member that cannot be read is a fault of its own. */
function decisionMode(...said: readonly unknown[]): DecisionMode {
  const modes = said.flatMap((each) => {
    const parsed = options.partial().safeParse(each);
    return parsed.success && parsed.data.mode !== undefined ? [parsed.data.mode] : [];
  });
  return modes.find((mode) => mode !== 'enforce') ?? 'enforce';
}

/** The mode that is asked for; `workflow:execute` alone means to execute. */
function modeOf(name: string, said: Json | undefined): DragMode | undefined {
  const mode = DRAG_MODES.find((known) => known === name) ?? DRAG_MODES.find((known) => known === said);
  return mode ?? (name === 'workflow:execute' ? 'execute' : undefined);
}

/** Of two modes in one question the milder one must not win, nor may a name that nobody knows go by the other. */
function contradiction(name: string, said: Json | undefined): Reason[] {
  if (said === undefined || said === name || name === 'workflow:execute') return [];
  const known = DRAG_MODES.some((mode) => mode === name);
  const message = known
    ? `the action asks for ${name}; say the same here, or leave it out`
    : `the action is workflow:execute or one of ${DRAG_MODES.join(', ')}, exactly so written`;
  const path = known ? '/context/drag_mode' : '/action/name';
  return [{ code: 'schema_error', path, message, kind: 'invalid' }];
}

const PEOPLE: readonly string[] = ['user', 'human', 'person', 'identity'];
const SERVICES: readonly string[] = [
  'service',
  'system',
  'system_service',
  'application',
  'app',
  'client',
  'workload',
];

/** What a subject is by its type. A type that nobody here knows is somebody from outside, who changes nothing. */
function kindOf(type: string): JsonObject {
  const plain = type.toLowerCase();
  if (PEOPLE.includes(plain)) return { kind: 'human' };
  if (plain === 'agent' || plain === 'ai_agent') return { kind: 'agent' };
  return SERVICES.includes(plain) ? { kind: 'service' } : { kind: 'service', actor_type: 'external_party' };
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
      ...(decision.stage === 'shape' ? { error: errorOf(decision.reasons) } : {}),
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

function errorOf([first]: readonly Reason[]): JsonObject {
  return { status: 400, message: first?.message ?? 'not an evaluation', path: first?.path ?? '' };
}
