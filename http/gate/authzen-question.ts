/** What an enforcement point asks in the words of AuthZEN, read into a question of ours. */
import * as z from 'zod';
import { open } from '../../src/aim/closed.ts';
import { dataClasses, options } from '../../src/aim/request.ts';
import { nearest } from '../../src/basics/nearest.ts';
import { scopesOfRoles } from '../../src/charter/charter.ts';
import { unreadable } from '../../src/charter/declared.ts';
import { declaredPrincipal } from '../../src/charter/subject.ts';
import type { Question } from '../../src/decision/question.ts';
import type { Reason } from '../../src/errors.ts';
import type { ConsultDeps } from '../../src/gate/consult.ts';
import { ask as askWorkflow, type Office } from '../../src/gate/mediate.ts';
import type { Issuers } from '../../src/identity/issuers.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import { isSame } from '../../src/ledger/people/pseudonym.ts';
import {
  type DecisionMode,
  DRAG_MODES,
  type DragMode,
  type Principal,
  type PrincipalKind,
  type RiskLevel,
} from '../../src/terms.ts';
import { checkParameters } from '../../src/workflow/parameters.ts';
import { personNamed } from '../person.ts';

export const SCOPE = 'decisions:evaluate';

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const object = z.custom<JsonObject>(isObject, 'must be an object');
export const text = z.string().min(1).max(1024);
export const subject = open({ type: text, id: text, properties: object.optional() });
export const action = open({ name: text, properties: object.optional() });
export const resource = open({ type: text, id: text, properties: object.optional() });

/** How to decide, beside what to decide: the specification leaves `options` to those who serve. */
export const how = { mode: options.shape.mode.optional(), explain: options.shape.explain.optional() };

export const evaluation = open({
  subject,
  action,
  resource,
  context: object.optional(),
  options: open(how).optional(),
});
export type Evaluation = z.output<typeof evaluation>;

/** An evaluation whose subject is somebody: a `sub`, and its issuer in `properties.issuer` where there are several. */
export const evaluationAmong = (issuers: Issuers) =>
  evaluation.check((context) => {
    const named = issuers.person(context.value.subject.id, issuerOf(context.value.subject));
    if (named.ok) return;
    const place = named.reason.code === 'invalid_subject' ? ['id'] : ['properties', 'issuer'];
    const { message } = named.reason;
    context.issues.push({ code: 'custom', path: ['subject', ...place], input: context.value, message });
  });

/**
 * The caller itself, when it asks about itself and says nothing more; else the subject as the caller declares it.
 * A body never adds to what the caller's own token says, and what in it cannot be read is a fault of its form.
 */
export async function questionOf(
  office: Office & ConsultDeps,
  principal: Principal,
  asked: Evaluation,
): Promise<Question> {
  const { subject: who, action: what, resource: on, context = {} } = asked;
  const charter = await office.charter();
  const meant = personNamed(office.issuers, who.id, issuerOf(who));
  const self =
    isSame(meant, principal) && Object.keys(who.properties ?? {}).every((name) => name === 'issuer');
  const { external = false, ...byType } = kindOf(who.type);
  const properties: JsonObject = {
    ...byType,
    ...who.properties,
    ...(external ? { actor_type: 'external_party' } : {}),
  };
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
    ...(self ? [] : contradictedType(who.type, who.properties?.kind)),
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
      data_classes: dataClassesOf(context.data_classes),
      ...riskOf(context.risk_level),
      ...(declared ? { about: { sub: who.id, properties } } : {}),
    },
  };
}

export function issuerOf({ properties }: Evaluation['subject']): string | undefined {
  return properties?.issuer === undefined ? undefined : String(properties.issuer);
}

const anyOptions = options.partial();

const readClasses = dataClasses.catch([]);
/** What cannot be read is a fault of its own (src/charter/declared.ts). */
const dataClassesOf = (said: Json | undefined) => (said === undefined ? [] : readClasses.parse(said));

/** Dry run or shadow, wherever that was asked for; a member that cannot be read is a fault of its own. */
function decisionMode(...said: readonly unknown[]): DecisionMode {
  const modes = said.flatMap((each) => {
    if (each === undefined) return [];
    const parsed = anyOptions.safeParse(each);
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

const AGENTS: readonly string[] = ['agent', 'ai_agent'];

/** What a subject is by its type. One of a type that nobody here knows is from outside, and changes nothing. */
export function kindOf(type: string): { readonly kind: PrincipalKind; readonly external?: true } {
  if (PEOPLE.includes(type)) return { kind: 'human' };
  if (AGENTS.includes(type)) return { kind: 'agent' };
  return SERVICES.includes(type) ? { kind: 'service' } : { kind: 'service', external: true };
}

/** A type that is misspelt, and one that is no person's beside a `kind` that makes a person of it. */
function contradictedType(type: string, kind: Json | undefined): Reason[] {
  const fault = (path: string, message: string): Reason[] => [
    { code: 'schema_error', path, message, kind: 'invalid' },
  ];
  const known = [...PEOPLE, ...AGENTS, ...SERVICES];
  const meant = nearest(type, known);
  if (meant !== undefined) return fault('/subject/type', `no such type of subject; did you mean ${meant}?`);
  if (PEOPLE.includes(type) || !known.includes(type) || kind === undefined || kind === kindOf(type).kind)
    return [];
  return fault(
    '/subject/properties/kind',
    `a subject of type ${type} is ${kindOf(type).kind}; say the same here`,
  );
}

function riskOf(level: Json | undefined): { risk_level?: RiskLevel } {
  const levels: readonly RiskLevel[] = [1, 2, 3, 4, 5];
  const risk = levels.find((known) => known === level);
  return risk === undefined ? {} : { risk_level: risk };
}
