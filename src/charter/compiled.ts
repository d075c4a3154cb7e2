/**
 * Cedar policies as closures: what a policy's JSON form says (Cedar language reference, "JSON policy format"), evaluated without
 * crossing into the wasm, whose price is handing attributes over and not the policies.
 *
 * It knows the operators below and nothing else. A set with any other operator is not compiled, and a question that meets a value it
 * has no equality for (decimal, ip, datetime, duration) is handed back: the wasm answers then, and is what this is tested against.
 *
 * Values are as in Cedar's JSON: booleans, safe integers, strings, arrays as sets, objects as records, `{__entity}` as entity.
 */
import type {
  CedarValueJson,
  EntityUidJson,
  Expr,
  ExprNoExt,
  PolicyJson,
  TypeAndId,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { CedarAnswer, CedarEntity, CedarRequest } from './cedar-question.ts';

/** Answers like the wasm, or `undefined`: ask the wasm. */
export type CompiledSet = (request: CedarRequest) => CedarAnswer | undefined;

interface Env {
  readonly principal: CedarEntity;
  readonly action: TypeAndId;
  readonly resource: CedarEntity;
  readonly context: CedarValueJson;
}

type Evaluate<T = CedarValueJson> = (env: Env) => T;

/** A policy that errors: the type of a value is wrong, or an attribute is not there. */
class EvaluationError extends Error {}
/** A value whose meaning is not known here. */
class BeyondUs extends Error {}
// Thrown often and never shown: one of each, so that no stack is made.
const ERROR = new EvaluationError();
const BEYOND = new BeyondUs();

/** `undefined` when a policy uses what is not known here. `actionType` is the full name, `Chancery::Action`. */
export function compile(
  policies: readonly { readonly id: string; readonly json: PolicyJson }[],
  actionType: string,
): CompiledSet | undefined {
  const compiled: { id: string; forbids: boolean; satisfied: Evaluate<boolean> }[] = [];
  for (const { id, json } of policies) {
    const satisfied = policyOnce(json);
    if (satisfied === undefined) return undefined;
    compiled.push({ id, forbids: json.effect === 'forbid', satisfied });
  }
  compiled.sort((a, b) => (a.id < b.id ? -1 : 1));

  return ({ principal, action, resource, context }) => {
    // Two entities of one name are an error to Cedar, not to us.
    if (isSame(principal.uid, resource.uid)) return undefined;
    const env: Env = { principal, action: { type: actionType, id: action }, resource, context };
    const permits: string[] = [];
    const forbids: string[] = [];
    const errors: string[] = [];
    for (const { id, forbids: isForbid, satisfied } of compiled) {
      try {
        if (satisfied(env)) (isForbid ? forbids : permits).push(id);
      } catch (error) {
        if (error === BEYOND) return undefined;
        if (error !== ERROR) throw error;
        errors.push(id);
      }
    }
    // "Authorization": a satisfied forbid overrides, then a satisfied permit allows, else deny.
    if (forbids.length > 0) return { effect: 'forbid', determining: forbids, errors };
    return { effect: permits.length > 0 ? 'permit' : 'none', determining: permits, errors };
  };
}

/** A policy stands in the sets of many actions: it is compiled for the first. */
const compiledBefore = new WeakMap<PolicyJson, { readonly satisfied: Evaluate<boolean> | undefined }>();

export function policyOnce(json: PolicyJson): Evaluate<boolean> | undefined {
  const before = compiledBefore.get(json) ?? { satisfied: policy(json) };
  compiledBefore.set(json, before);
  return before.satisfied;
}

/** A policy is satisfied when its scope matches and every `when` is true and every `unless` is false ("Policy syntax"). */
function policy({ principal, action, resource, conditions }: PolicyJson): Evaluate<boolean> | undefined {
  try {
    const parts = [
      scope(principal, ({ principal }) => principal.uid),
      actionScope(action),
      scope(resource, ({ resource }) => resource.uid),
      ...conditions.map(({ kind, body }) => {
        const value = expression(body);
        return kind === 'when' ? (env: Env) => bool(value(env)) : (env: Env) => !bool(value(env));
      }),
    ].filter((part) => part !== undefined);
    return (env) => parts.every((part) => part(env));
  } catch (error) {
    if (error === BEYOND) return undefined;
    throw error;
  }
}

/** Principal or resource: `==`, `in`, `is`, `is … in` ("Policy syntax: scope"). Templates have slots, and are not known here. */
function scope(
  part: PolicyJson['principal'] | PolicyJson['resource'],
  self: Evaluate<TypeAndId>,
): Evaluate<boolean> | undefined {
  switch (part.op) {
    case 'All':
      return undefined;
    case '==': {
      const other = entityOf(part);
      return (env) => isSame(self(env), other);
    }
    case 'in': {
      const other = entityOf(part);
      return (env) => isIn(env, self(env), other);
    }
    case 'is': {
      const { entity_type } = part;
      if (part.in === undefined) return (env) => self(env).type === entity_type;
      const other = entityOf(part.in);
      return (env) => self(env).type === entity_type && isIn(env, self(env), other);
    }
    default:
      throw BEYOND;
  }
}

/** The action: `==` and `in` a list. Groups are not known here: no entity of the action is given to Cedar either. */
function actionScope(part: PolicyJson['action']): Evaluate<boolean> | undefined {
  if (part.op === 'All') return undefined;
  const named = 'entities' in part ? part.entities.map(uidOf) : [entityOf(part)];
  return ({ action }) => named.some((one) => isSame(action, one));
}

function entityOf(part: object): TypeAndId {
  if (!('entity' in part)) throw BEYOND;
  return uidOf(part.entity as EntityUidJson);
}

function uidOf(uid: EntityUidJson): TypeAndId {
  return '__entity' in uid ? uid.__entity : uid;
}

/** One operator a case, in the order of "Operators and functions". What is not listed is not known. */
function expression(node: Expr): Evaluate {
  if (!isOperator(node)) throw BEYOND;
  // "Literals", "Variables", "Sets"
  if ('Value' in node) {
    const { Value: value } = node;
    if (typeof value === 'number' && !Number.isSafeInteger(value)) throw BEYOND;
    return () => value;
  }
  if ('Var' in node) return variable(node.Var);
  if ('Set' in node) {
    const elements = node.Set.map(expression);
    return (env) => elements.map((element) => element(env));
  }
  // "Comparison operators": equality holds between any two values, order between longs
  if ('==' in node) return both(node['=='], (a, b) => isEqual(a, b));
  if ('!=' in node) return both(node['!='], (a, b) => !isEqual(a, b));
  if ('<' in node) return both(node['<'], (a, b) => long(a) < long(b));
  if ('<=' in node) return both(node['<='], (a, b) => long(a) <= long(b));
  if ('>' in node) return both(node['>'], (a, b) => long(a) > long(b));
  if ('>=' in node) return both(node['>='], (a, b) => long(a) >= long(b));
  // "Logical operators": the right side is evaluated only when it matters
  if ('&&' in node) {
    const [left, right] = [expression(node['&&'].left), expression(node['&&'].right)];
    return (env) => bool(left(env)) && bool(right(env));
  }
  if ('||' in node) {
    const [left, right] = [expression(node['||'].left), expression(node['||'].right)];
    return (env) => bool(left(env)) || bool(right(env));
  }
  if ('!' in node) {
    const operand = expression(node['!'].arg);
    return (env) => !bool(operand(env));
  }
  // "if (conditional operator)"
  if ('if-then-else' in node) {
    const { if: test, then, else: otherwise } = node['if-then-else'];
    const [condition, yes, no] = [expression(test), expression(then), expression(otherwise)];
    return (env) => (bool(condition(env)) ? yes(env) : no(env));
  }
  // "Hierarchy and type membership": in, is
  if ('in' in node) {
    const [left, right] = [expression(node.in.left), expression(node.in.right)];
    return (env) => isInAny(env, entity(left(env)), right(env));
  }
  if ('is' in node) {
    const { left, entity_type, in: over } = node.is;
    const [self, above] = [expression(left), over === undefined ? undefined : expression(over)];
    return (env) => {
      const one = entity(self(env));
      return one.type === entity_type && (above === undefined || isInAny(env, one, above(env)));
    };
  }
  // "Set operators and functions"
  if ('contains' in node) return both(node.contains, (set, one) => includes(elementsOf(set), one));
  if ('containsAll' in node) {
    return both(node.containsAll, (set, all) => {
      const [members, wanted] = [elementsOf(set), elementsOf(all)];
      return wanted.every((one) => includes(members, one));
    });
  }
  if ('containsAny' in node) {
    return both(node.containsAny, (set, any) => {
      const [members, wanted] = [elementsOf(set), elementsOf(any)];
      return wanted.some((one) => includes(members, one));
    });
  }
  // "Record and entity attributes": `.` errors where `has` is false
  if ('.' in node) {
    const { left, attr } = node['.'];
    const holder = expression(left);
    return (env) => {
      const attributes = attributesOf(env, holder(env));
      const value = Object.hasOwn(attributes, attr) ? attributes[attr] : undefined;
      if (value === undefined) throw ERROR;
      return value;
    };
  }
  if ('has' in node) {
    const { left, attr } = node.has;
    if (typeof attr !== 'string') throw BEYOND;
    const holder = expression(left);
    return (env) => Object.hasOwn(attributesOf(env, holder(env)), attr);
  }
  throw BEYOND;
}

const NOT_CALLS = new Set(['Set', 'Value']);

/** Calls of extension functions are the other nodes whose member is a list. */
function isOperator(node: Expr): node is ExprNoExt {
  return Object.entries(node).every(([name, member]) => NOT_CALLS.has(name) || !Array.isArray(member));
}

function variable(name: string): Evaluate {
  switch (name) {
    case 'principal':
      return ({ principal }) => ({ __entity: principal.uid });
    case 'action':
      return ({ action }) => ({ __entity: action });
    case 'resource':
      return ({ resource }) => ({ __entity: resource.uid });
    case 'context':
      return ({ context }) => context;
    default:
      throw BEYOND;
  }
}

function both(
  { left, right }: { readonly left: Expr; readonly right: Expr },
  operator: (a: CedarValueJson, b: CedarValueJson) => boolean,
): Evaluate {
  const [a, b] = [expression(left), expression(right)];
  return (env) => operator(a(env), b(env));
}

function bool(value: CedarValueJson): boolean {
  if (typeof value !== 'boolean') throw ERROR;
  return value;
}

function long(value: CedarValueJson): number {
  if (isExtension(value)) throw BEYOND; // datetime and duration are ordered too
  if (typeof value !== 'number') throw ERROR;
  return value;
}

function elementsOf(value: CedarValueJson): readonly CedarValueJson[] {
  if (!Array.isArray(value)) throw ERROR;
  return value;
}

function entity(value: CedarValueJson): TypeAndId {
  if (!isEntity(value)) throw ERROR;
  return value.__entity;
}

/** A record's own, or those of the two entities that were given; any other entity has none. */
function attributesOf(env: Env, value: CedarValueJson): Readonly<Record<string, CedarValueJson>> {
  if (isEntity(value)) return given(env, value.__entity)?.attrs ?? NONE;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isExtension(value)) throw ERROR;
  return value;
}

const NONE: Readonly<Record<string, CedarValueJson>> = {};

/** `in` an entity, or in any of a set of them; every element must be one, also behind the one that matches. */
function isInAny(env: Env, self: TypeAndId, over: CedarValueJson): boolean {
  return Array.isArray(over)
    ? over.map(entity).some((one) => isIn(env, self, one))
    : isIn(env, self, entity(over));
}

/** Reflexive, then by ancestors. The parents that we give are given no parents of their own. */
function isIn(env: Env, self: TypeAndId, over: TypeAndId): boolean {
  if (isSame(self, over)) return true;
  const parents = given(env, self)?.parents ?? [];
  return parents.some(
    (parent) =>
      isSame(parent, over) || (given(env, parent)?.parents.some((above) => isSame(above, over)) ?? false),
  );
}

function given({ principal, resource }: Env, uid: TypeAndId): CedarEntity | undefined {
  if (isSame(uid, principal.uid)) return principal;
  return isSame(uid, resource.uid) ? resource : undefined;
}

function isSame(a: TypeAndId, b: TypeAndId): boolean {
  return a.id === b.id && a.type === b.type;
}

function includes(members: readonly CedarValueJson[], one: CedarValueJson): boolean {
  return members.some((member) => isEqual(member, one));
}

/** Values of different types are not equal; sets have no order and no repetition; records are equal member by member. */
function isEqual(a: CedarValueJson, b: CedarValueJson): boolean {
  if (isExtension(a) || isExtension(b)) throw BEYOND;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (isEntity(a) || isEntity(b)) return isEntity(a) && isEntity(b) && isSame(a.__entity, b.__entity);
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b)) return false;
    return a.every((one) => includes(b, one)) && b.every((one) => includes(a, one));
  }
  const [left, right]: Readonly<Record<string, CedarValueJson>>[] = [a, b];
  if (left === undefined || right === undefined) return false;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => {
      const [x, y] = [left[name], Object.hasOwn(right, name) ? right[name] : undefined];
      return x !== undefined && y !== undefined && isEqual(x, y);
    })
  );
}

function isEntity(value: CedarValueJson): value is { __entity: TypeAndId } {
  return typeof value === 'object' && value !== null && '__entity' in value;
}

function isExtension(value: CedarValueJson): boolean {
  return typeof value === 'object' && value !== null && '__extn' in value;
}
