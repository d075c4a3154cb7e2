/** Questions and policies by chance, for holding the compiled policies against Cedar's own engine. */
import {
  type CedarValueJson,
  type Expr,
  type PolicyJson,
  preparsePolicySet,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { CedarAnswer, CedarEntity, CedarRequest } from '../../src/charter/cedar-question.ts';
import type { AttributeType, AttributeTypes, CharterSchema } from '../../src/charter/schema.ts';

/** Whole numbers below `n`; the same seed gives the same sequence (mulberry32). */
export type Chance = (n: number) => number;

export function chance(seed: number): Chance {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

export function oneOf<T>(of: Chance, first: T, ...others: readonly T[]): T {
  return others[of(others.length + 1) - 1] ?? first;
}

let prepared = 0;

/** What Cedar's engine answers, asked as `engine.ts` asks it. */
export function reference(
  policies: readonly { readonly id: string; readonly json: PolicyJson }[],
  actionType: string,
) {
  const name = `reference-${++prepared}`;
  const staticPolicies = Object.fromEntries(policies.map(({ id, json }) => [id, json]));
  const parsed = preparsePolicySet(name, { staticPolicies });
  if (parsed.type === 'failure') throw new TypeError(JSON.stringify(parsed.errors));
  return ({ principal, action, resource, context }: CedarRequest): CedarAnswer | 'refused' => {
    const answer = statefulIsAuthorized({
      principal: principal.uid,
      action: { type: actionType, id: action },
      resource: resource.uid,
      context: { ...context },
      preparsedPolicySetId: name,
      entities: [principal, resource].map(({ uid, attrs, parents }) => ({
        uid,
        attrs: { ...attrs },
        parents: [...parents],
      })),
    });
    if (answer.type === 'failure') return 'refused';
    const { decision, diagnostics } = answer.response;
    const determining = [...diagnostics.reason].sort();
    const effect = decision === 'allow' ? 'permit' : determining.length > 0 ? 'forbid' : 'none';
    return { effect, determining, errors: diagnostics.errors.map(({ policyId }) => policyId).sort() };
  };
}

/** A question to one action of a schema; now and then an attribute is missing or of another type. */
export function question(
  of: Chance,
  schema: CharterSchema,
  action: string,
  words: readonly string[],
): CedarRequest {
  const shape = schema.actions.get(action);
  const [principalType, resourceType] = [shape?.principalTypes[0], shape?.resourceTypes];
  if (shape === undefined || principalType === undefined || resourceType === undefined)
    throw new TypeError(action);
  const type = resourceType[of(resourceType.length)] ?? principalType;
  const word = () => words[of(words.length)] ?? 'x';
  const role = `${schema.prefix}Role`;
  return {
    principal: {
      uid: { type: principalType, id: word() },
      attrs: attributes(of, schema.entities.get(principalType) ?? {}, word),
      parents: words.filter(() => of(6) === 0).map((id) => ({ type: role, id })),
    },
    action,
    resource: {
      uid: { type, id: word() },
      attrs: attributes(of, schema.entities.get(type) ?? {}, word),
      parents: [],
    },
    context: attributes(of, shape.context, word),
  };
}

function attributes(
  of: Chance,
  declared: AttributeTypes,
  word: () => string,
): Record<string, CedarValueJson> {
  return Object.fromEntries(
    Object.entries(declared)
      .filter(() => of(40) > 0)
      .map(([name, { type }]) => [
        name,
        of(60) === 0 ? oneOf<CedarValueJson>(of, true, 3, 'odd', []) : value(of, type, word),
      ]),
  );
}

function value(of: Chance, type: AttributeType, word: () => string): CedarValueJson {
  switch (type.kind) {
    case 'String':
      return word();
    case 'Long':
      return of(7);
    case 'Bool':
      return of(2) === 0;
    case 'Set':
      return Array.from({ length: of(4) }, () => value(of, type.element, word));
    case 'Record':
      return attributes(of, type.attributes, word);
    case 'Entity':
      return { __entity: { type: type.name, id: word() } };
    case 'Extension':
      return { __extn: { fn: 'decimal', arg: '1.5' } };
  }
}

/** Every text and every id that policies name, so that questions hit their conditions. */
export function wordsOf(policies: readonly { readonly json: PolicyJson }[]): string[] {
  const words = new Set(['x', 'human', 'agent', 'service']);
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [name, inner] of Object.entries(node)) {
      if (typeof inner === 'string' && (name === 'Value' || name === 'id')) words.add(inner);
      else walk(inner);
    }
  };
  for (const { json } of policies) walk({ ...json, annotations: undefined });
  return [...words];
}

const TYPES = ['User', 'Group', 'Document'];
const NAMES = ['a', 'b', 'c'];

/** A policy over three entity types, now and then ill-typed: errors must be equal too. */
export function randomPolicy(of: Chance): PolicyJson {
  const uid = () => ({ type: oneOf(of, 'User', 'Group', 'Document'), id: oneOf(of, 'a', 'b', 'c') });
  const scope = (): PolicyJson['principal'] & PolicyJson['resource'] => {
    switch (of(8)) {
      case 0:
        return { op: '==', entity: uid() };
      case 1:
        return { op: 'in', entity: uid() };
      case 2:
        return { op: 'is', entity_type: oneOf(of, 'User', 'Group', 'Document') };
      case 3:
        return { op: 'is', entity_type: oneOf(of, 'User', 'Group'), in: { entity: uid() } };
      default:
        return { op: 'All' };
    }
  };
  const act = (id: string) => ({ type: 'Action', id });
  return {
    effect: oneOf(of, 'permit', 'permit', 'forbid'),
    principal: scope(),
    action: oneOf<PolicyJson['action']>(
      of,
      { op: 'All' },
      { op: '==', entity: act(oneOf(of, 'read', 'write')) },
      { op: 'in', entities: [act('read'), act('share')] },
      { op: 'in', entity: act('read') },
    ),
    resource: scope(),
    conditions: Array.from({ length: of(3) }, () => ({
      kind: oneOf(of, 'when', 'when', 'unless'),
      body: expr(of, 3),
    })),
  };
}

const KINDS = ['bool', 'long', 'text', 'entity', 'set', 'record'] as const;
type Kind = (typeof KINDS)[number];

/** An expression that should have this type, and one time in twenty has not. */
function expr(of: Chance, depth: number, wanted: Kind = 'bool'): Expr {
  const kind = of(20) === 0 ? (KINDS[of(KINDS.length)] ?? 'bool') : wanted;
  const sub = (of_: Kind) => expr(of, depth - 1, of_);
  const two = (left: Kind, right: Kind) => ({ left: sub(left), right: sub(right) });
  const any = (): Kind => KINDS[of(KINDS.length)] ?? 'bool';
  if (depth > 0 && of(10) === 0) {
    // biome-ignore lint/suspicious/noThenProperty: Cedar's JSON names it so
    return { 'if-then-else': { if: sub('bool'), then: sub(kind), else: sub(kind) } };
  }
  if (depth === 0 || kind !== 'bool') return leaf(of, kind, depth, sub);
  const same = any();
  switch (of(19)) {
    case 0:
    case 1:
      return { '==': two(same, same) };
    case 2:
      return { '!=': two(same, any()) };
    case 3:
      return { '<': two('long', 'long') };
    case 4:
      return { '<=': two('long', 'long') };
    case 5:
      return { '>': two('long', 'long') };
    case 6:
      return { '>=': two('long', 'long') };
    case 7:
    case 8:
      return { '&&': two('bool', 'bool') };
    case 9:
    case 10:
      return { '||': two('bool', 'bool') };
    case 11:
      return { '!': { arg: sub('bool') } };
    case 12:
      return { in: two('entity', oneOf(of, 'entity', 'set')) };
    case 13:
      return { is: { left: sub('entity'), entity_type: oneOf(of, 'User', 'Group', 'Document') } };
    case 14:
      return { is: { left: sub('entity'), entity_type: oneOf(of, 'User', 'Group'), in: sub('entity') } };
    case 15:
      return { contains: two('set', any()) };
    case 16:
      return { containsAll: two('set', 'set') };
    case 17:
      return { containsAny: two('set', 'set') };
    default:
      return { has: { left: sub(oneOf(of, 'entity', 'record')), attr: oneOf(of, 'a', 'b', 'n') } };
  }
}

function leaf(of: Chance, kind: Kind, depth: number, sub: (of_: Kind) => Expr): Expr {
  if (depth > 0 && of(4) === 0) {
    return { '.': { left: sub(oneOf(of, 'entity', 'record')), attr: oneOf(of, 'a', 'b', 'n') } };
  }
  switch (kind) {
    case 'bool':
      return { Value: of(2) === 0 };
    case 'long':
      return { Value: oneOf(of, 0, 1, -1, Number.MAX_SAFE_INTEGER) };
    case 'text':
      return { Value: oneOf(of, 'a', 'b', '') };
    case 'entity':
      return of(3) === 0
        ? { Value: randomEntity(of) }
        : { Var: oneOf(of, 'principal', 'principal', 'resource', 'action') };
    case 'set':
      return depth > 0 && of(2) === 0
        ? { Set: Array.from({ length: of(3) }, () => sub(KINDS[of(KINDS.length)] ?? 'bool')) }
        : {
            Value: Array.from({ length: of(3) }, () => (of(2) === 0 ? randomEntity(of) : randomValue(of, 1))),
          };
    case 'record':
      return of(2) === 0 ? { Var: 'context' } : { Value: record(of, 1) };
  }
}

function randomEntity(of: Chance): CedarValueJson {
  return { __entity: { type: TYPES[of(3)] ?? 'User', id: NAMES[of(3)] ?? 'a' } };
}

function randomValue(of: Chance, depth: number): CedarValueJson {
  switch (of(depth === 0 ? 4 : 7)) {
    case 0:
      return of(2) === 0;
    case 1:
      return oneOf(of, 0, 1, -1, Number.MAX_SAFE_INTEGER);
    case 2:
      return oneOf(of, 'a', 'b', '');
    case 3:
      return randomEntity(of);
    case 4:
    case 5:
      return Array.from({ length: of(3) }, () => randomValue(of, depth - 1));
    default:
      return record(of, depth - 1);
  }
}

function record(of: Chance, depth: number): Record<string, CedarValueJson> {
  return Object.fromEntries(
    ['a', 'b', 'n'].filter(() => of(2) === 0).map((name) => [name, randomValue(of, depth)]),
  );
}

export function randomQuestion(of: Chance): CedarRequest {
  // Groups are above and never asked about: Cedar refuses a question with a circle in its entities.
  const one = (): CedarEntity => ({
    uid: { type: oneOf(of, 'User', 'Document'), id: NAMES[of(3)] ?? 'a' },
    attrs: record(of, 2),
    parents: NAMES.filter(() => of(3) === 0).map((id) => ({ type: 'Group', id })),
  });
  return {
    principal: one(),
    action: oneOf(of, 'read', 'write', 'share'),
    resource: one(),
    context: record(of, 2),
  };
}
