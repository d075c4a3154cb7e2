/** From what was asked to the question that the policies get: computed facts first, declared ones only beside them. */
import type { Json, JsonObject } from '../json.ts';
import type { Ask, DragMode, GovernedRequest, Principal, RiskLevel, WorkflowFacts } from '../terms.ts';
import { agentAttributes } from './agents.ts';
import type { Charter } from './charter.ts';
import { callFacts, gatewayAttributes } from './gateway.ts';
import type { PolicyQuestion } from './judge.ts';
import { actingAgent, calledIn, hasPerson, subjectAttributes } from './subject.ts';

export interface Asked {
  readonly principal: Principal;
  /** The route's word for it; for a workflow the question is put by its mode instead. */
  readonly action: string;
  readonly resource: { readonly type: string; readonly id: string };
  readonly workflow?: WorkflowFacts;
  readonly request?: GovernedRequest;
  readonly drag_mode?: DragMode;
  readonly ask?: Ask;
  /** Milliseconds since the epoch. */
  readonly now?: number;
}

const RISK_LEVELS: readonly RiskLevel[] = [1, 2, 3, 4, 5];

/** The workflow's own level, raised by the request; 1 where neither says anything. */
export function effectiveRisk({
  workflow,
  request,
  ask,
}: Pick<Asked, 'workflow' | 'request' | 'ask'>): RiskLevel {
  const highest = Math.max(workflow?.risk_level ?? 1, request?.risk_level ?? 1, ask?.risk_level ?? 1);
  return RISK_LEVELS.find((level) => level === highest) ?? 5;
}

/** The workflow's own classes and those of the request. */
export function effectiveDataClasses({
  workflow,
  request,
  ask,
}: Pick<Asked, 'workflow' | 'request' | 'ask'>): string[] {
  return [
    ...new Set([
      ...(workflow?.data_classes ?? []),
      ...(request?.data_classes ?? []),
      ...(ask?.data_classes ?? []),
    ]),
  ];
}

/** What is really done: the mode for a workflow, the action itself otherwise. */
export function actionOf(asked: Asked): string {
  return asked.workflow === undefined
    ? asked.action
    : (asked.request?.drag_mode ?? asked.drag_mode ?? asked.action);
}

/** What was asked is put to the policies, and then recorded: it becomes a question once. */
const made = new WeakMap<Asked, { readonly charter: Charter; readonly question: PolicyQuestion }>();

export function questionOf(charter: Charter, asked: Asked): PolicyQuestion {
  const before = made.get(asked);
  if (before?.charter === charter) return before.question;
  const question = newQuestion(charter, asked);
  made.set(asked, { charter, question });
  return question;
}

function newQuestion(charter: Charter, asked: Asked): PolicyQuestion {
  const { principal, resource, workflow, ask } = asked;
  const parameters = asked.request?.parameters ?? ask?.parameters ?? {};
  const action = actionOf(asked);
  return {
    subject: {
      id: calledIn(principal),
      roles: principal.roles,
      attributes: {
        ...ask?.about?.properties,
        ...subjectAttributes(charter, principal),
        act_depth: depthOf(principal, ask),
        ...declaredAgent(charter, principal, ask),
      },
    },
    action,
    resource: {
      ...resource,
      attributes: {
        ...ask?.properties,
        ...gatewayAttributes(
          charter,
          resource.type,
          resource.id,
          ask?.properties ?? {},
          ask?.about !== undefined,
        ),
        ...(workflow === undefined ? {} : workflowAttributes(workflow)),
      },
    },
    context: {
      ...ask?.context,
      mode: asked.request?.drag_mode ?? asked.drag_mode ?? 'none',
      risk: effectiveRisk(asked),
      data_classes: effectiveDataClasses(asked),
      person: hasPerson(principal),
      subjects: subjectsOf(parameters),
      environment: typeof parameters.environment === 'string' ? parameters.environment : 'none',
      delegation_depth: depthOf(principal, ask),
      ...(resource.type === 'tool'
        ? { arguments: parameters, ...callFacts(charter, resource.id, parameters, asked.now) }
        : HARMLESS),
    },
  };
}

/** Nothing but a tool is called: looking at a server destroys nothing. */
const HARMLESS: JsonObject = { destructive_sql: false, destructive_verb: false };

function workflowAttributes(workflow: WorkflowFacts): JsonObject {
  return {
    risk: workflow.risk_level,
    modes: [...workflow.modes],
    roles: [...(workflow.roles ?? [])],
    sensitivity: workflow.sensitivity,
    data_classes: [...workflow.data_classes],
  };
}

/** Nobody raises their own trust by a body: only what is said about others counts. */
function declaredAgent(charter: Charter, principal: Principal, ask: Ask | undefined): JsonObject {
  if (ask?.about === undefined) return {};
  return agentAttributes(charter, actingAgent(principal), ask.about.properties, 'none');
}

/** How many data subjects the parameters name. */
function subjectsOf(parameters: JsonObject): number {
  const { subject, subjects } = parameters;
  const one = typeof subject === 'string' && subject !== '' ? 1 : 0;
  return one + (Array.isArray(subjects) ? subjects.length : 0);
}

/** The chain in the token, or a longer one that the caller declares. */
export function depthOf(principal: Principal, ask: Ask | undefined): number {
  const declared = ask?.context.delegation_depth;
  return Math.max(
    principal.act.length,
    typeof declared === 'number' && Number.isSafeInteger(declared) ? declared : 0,
  );
}

/**
 * A question without what is personal in it, as decision records keep it: enough to ask it again of another
 * charter. Texts that callers declare become `$sub` where they name the subject, and `$other` elsewhere.
 */
export interface RecordedQuestion {
  readonly action: string;
  readonly subject: JsonObject;
  readonly resource: JsonObject;
  readonly context: JsonObject;
  /** Scopes that the question needed. */
  readonly scopes: string[];
}

export function recordedQuestion(
  charter: Charter,
  asked: Asked,
  scopes: readonly string[],
): RecordedQuestion {
  const { subject, action, resource, context } = questionOf(charter, asked);
  const shape = charter.schema.actions.get(action);
  const { agent_type, trust, environment, capabilities } = subject.attributes;
  const known = ['workflow', 'tool', 'server', 'agent'].includes(resource.type);
  const attributes = pick(resource.attributes, shape?.attributes.resource ?? []);
  return {
    action,
    subject: agent_type === 'none' ? {} : { agent_type, trust, environment, capabilities },
    resource: known ? namesOnly(attributes) : disguise(attributes, calledIn(asked.principal)),
    // Only what the schema declares: the rest is words of the caller that no policy can read. Arguments of a tool are
    // personal, and stand sealed beside it.
    context: namesOnly(pick(context, shape?.attributes.context ?? [], 'arguments')),
    scopes: [...scopes],
  };
}

function pick(from: JsonObject, names: readonly string[], but?: string): JsonObject {
  const picked: Record<string, Json> = {};
  for (const name of names) {
    const value = Object.hasOwn(from, name) ? from[name] : undefined;
    if (value !== undefined && name !== but) picked[name] = value;
  }
  return picked;
}

/** Environments, servers, modes: a text of another form than their names is the caller's, and can hold a person. */
function namesOnly(attributes: JsonObject): JsonObject {
  return eachText(attributes, (text) => (NAME.test(text) ? text : '$other'));
}
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._:/-]{0,63}$/;

function disguise(attributes: JsonObject, sub: string): JsonObject {
  return eachText(attributes, (text) => (text === sub ? '$sub' : '$other'));
}

function eachText(attributes: JsonObject, shown: (text: string) => string): JsonObject {
  const all: Record<string, Json> = {};
  for (const name of Object.keys(attributes)) {
    const value = attributes[name];
    if (value !== undefined) all[name] = typeof value === 'string' ? shown(value) : value;
  }
  return all;
}
