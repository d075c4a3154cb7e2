/**
 * OpenID AuthZEN Authorization API 1.0: single and batch evaluation and the configuration document. An enforcement
 * point asks about a subject that it names; the answer is advice to it, recorded under its own name. It grants no
 * capability and opens no approval, and `needs approval` is a no with the outcome in `context`.
 */
import * as z from 'zod';
import { open, schemaReasons } from '../../src/aim/closed.ts';
import type { Question } from '../../src/decision/question.ts';
import type { Reason } from '../../src/errors.ts';
import { bodyFault } from '../../src/gate/answer.ts';
import { type ConsultDeps, type Consulted, consult } from '../../src/gate/consult.ts';
import type { Office } from '../../src/gate/mediate.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { firstOf, readBody } from '../body.ts';
import { problem } from '../problem.ts';
import { callerOf } from '../recorded.ts';
import type { Ctx, RouteFamily } from '../routes.ts';
import { receiptBody } from '../views.ts';
import {
  action,
  evaluation,
  evaluationAmong,
  how,
  object,
  questionOf,
  resource,
  SCOPE,
  subject,
} from './authzen-question.ts';
import { searchRoutes } from './authzen-search.ts';
import { limitedAnswer, unreadableQuestion } from './decisions.ts';

export interface AuthzenRoutesDeps {
  readonly office: Office & ConsultDeps;
  /** Where this service is reached, e.g. `https://pdp.example.org`. */
  readonly url: (c: Ctx) => string;
}

/** Evaluations in one batch. */
const MAX_BATCH = 100;

const SEMANTICS = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const;
const batch = open({
  subject: subject.optional(),
  action: action.optional(),
  resource: resource.optional(),
  context: object.optional(),
  evaluations: z.array(object).max(MAX_BATCH).optional(),
  options: open({ ...how, evaluations_semantic: z.enum(SEMANTICS).default('execute_all') }).optional(),
});

export function authzenRoutes({ office, url }: AuthzenRoutesDeps): RouteFamily {
  const whole = evaluationAmong(office.issuers);

  const consulted = (c: Ctx, question: Question): Promise<Consulted> =>
    consult(office, callerOf(c), question, { grants: false });

  /** One evaluation. What cannot be read is a refusal of it, on record as any other. */
  async function evaluate(c: Ctx, given: Json): Promise<Consulted & { readonly read: boolean }> {
    const parsed = whole.safeParse(given);
    const question = parsed.success
      ? await questionOf(office, c.get('principal'), parsed.data)
      : unreadableQuestion(schemaReasons(parsed.error));
    return { ...(await consulted(c, question)), read: parsed.success };
  }

  /** A request that is one question, or none: what is missing or of another type is answered 400 (AuthZEN §10.1.3). */
  async function single(c: Ctx, given: Json): Promise<Response> {
    const answer = await evaluate(c, given);
    if (!answer.read) return refused(c, answer);
    return limitedAnswer(c, answer) ?? c.json(answerOf(answer, c.get('trace')));
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
    return problem(c, code, firstOf(decision.reasons), { reasons: decision.reasons, decision_id });
  }

  /** The body as JSON of its own media type, or the answer that it is not. */
  async function bodyOf(c: Ctx): Promise<Json | Response> {
    const body = await readBody(c);
    return body.ok ? body.value : refused(c, await consulted(c, unreadableQuestion([body.reason])));
  }

  return (mount) => {
    searchRoutes({ office })(mount);
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
            search_subject_endpoint: `${base}/access/v1/search/subject`,
            search_resource_endpoint: `${base}/access/v1/search/resource`,
            search_action_endpoint: `${base}/access/v1/search/action`,
          },
          200,
          { 'cache-control': 'public, max-age=300' },
        );
      },
    );
  };
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
