/**
 * What a charter's Cedar schema says, in the form that judging needs: which action takes which resource, and
 * which attributes everything must have. Attributes are fitted to their declared types before Cedar sees
 * them, so that a missing one denies with its name instead of making a policy error.
 */
import type { CedarValueJson, SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';
import { sha256 } from '../basics/digest.ts';
import type { Problem } from '../basics/problem.ts';
import type { Json, JsonObject } from '../json.ts';
import { callCedar } from './cedar.ts';
import { type CedarAnswers, NO_ANSWERS } from './cedar-answers.ts';
import { placeOf } from './policies.ts';

/** An attribute type, resolved: common types are replaced by what they stand for. */
export type AttributeType =
  | { readonly kind: 'String' | 'Long' | 'Bool' }
  | { readonly kind: 'Set'; readonly element: AttributeType }
  | { readonly kind: 'Record'; readonly attributes: AttributeTypes }
  | { readonly kind: 'Entity'; readonly name: string }
  /** decimal, ipaddr, datetime, duration: written as text. */
  | { readonly kind: 'Extension'; readonly name: string };

export interface AttributeTypes {
  readonly [name: string]: { readonly type: AttributeType; readonly required: boolean };
}

export interface ActionShape {
  readonly id: string;
  readonly principalTypes: readonly string[];
  readonly resourceTypes: readonly string[];
  readonly context: AttributeTypes;
  /** Names of the attributes that any of its principals, its resources and its context may have. */
  readonly attributes: Readonly<Record<'principal' | 'resource' | 'context', readonly string[]>>;
  /** Itself and every group that it is in. */
  readonly groups: ReadonlySet<string>;
}

export interface CharterSchema {
  readonly text: string;
  /** `Chancery::`, or empty for a schema without a namespace. */
  readonly prefix: string;
  /** By full name, `Chancery::Workflow`. */
  readonly entities: ReadonlyMap<string, AttributeTypes>;
  readonly actions: ReadonlyMap<string, ActionShape>;
  /** Canonical form, for digests and comparison. */
  readonly json: SchemaJson<string>;
}

export type ReadSchema =
  | { readonly ok: true; readonly schema: CharterSchema }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function readSchema(
  file: string,
  text: string,
  known: Pick<CedarAnswers, 'schemas'> = NO_ANSWERS,
): ReadSchema {
  const said = known.schemas[sha256(text)];
  const answer =
    said === undefined
      ? callCedar((cedar) => cedar.schemaToJsonWithResolvedTypes(text))
      : { type: 'success' as const, json: said };
  if (answer.type === 'failure') {
    const problems = answer.errors.map((error) => ({
      file,
      ...placeOf(text, error.sourceLocations?.[0]?.start ?? 0),
      code: 'cedar_schema',
      message: error.message,
      fix: error.help ?? 'Mend the schema at this place.',
    }));
    return { ok: false, problems };
  }
  const namespaces = Object.entries(answer.json);
  const [first] = namespaces;
  if (namespaces.length !== 1 || first === undefined) {
    const problem: Problem = {
      file,
      line: 1,
      column: 1,
      code: 'schema_namespaces',
      message: `a charter's schema has one namespace, this one has ${namespaces.length}`,
      fix: 'Put all entity types and actions into one namespace.',
    };
    return { ok: false, problems: [problem] };
  }
  const [namespace, definition] = first;
  const prefix = namespace === '' ? '' : `${namespace}::`;
  const common = new Map(
    Object.entries(definition.commonTypes ?? {}).map(([name, type]) => [prefix + name, type]),
  );
  const resolve = (type: unknown): AttributeType => resolveType(type, common);

  const entities = new Map<string, AttributeTypes>();
  for (const [name, entity] of Object.entries(definition.entityTypes)) {
    const shape = 'shape' in entity ? entity.shape : undefined;
    const resolved = shape === undefined ? undefined : resolve(shape);
    entities.set(prefix + name, resolved?.kind === 'Record' ? resolved.attributes : {});
  }

  const namesOf = (type: string): string[] => Object.keys(entities.get(type) ?? {});
  const actions = new Map<string, ActionShape>();
  const parents = (id: string): string[] =>
    (definition.actions[id]?.memberOf ?? []).flatMap((group) => [group.id, ...parents(group.id)]);
  for (const [id, action] of Object.entries(definition.actions)) {
    const { appliesTo } = action;
    // An action that applies to nothing is a group.
    if (appliesTo === undefined || appliesTo.resourceTypes.length === 0) continue;
    const { principalTypes, resourceTypes } = appliesTo;
    const resolved = appliesTo.context === undefined ? undefined : resolve(appliesTo.context);
    const context = resolved?.kind === 'Record' ? resolved.attributes : {};
    actions.set(id, {
      id,
      principalTypes,
      resourceTypes,
      context,
      attributes: {
        principal: principalTypes.flatMap(namesOf),
        resource: resourceTypes.flatMap(namesOf),
        context: Object.keys(context),
      },
      groups: new Set([id, ...parents(id)]),
    });
  }
  return { ok: true, schema: { text, prefix, entities, actions, json: answer.json } };
}

function resolveType(type: unknown, common: ReadonlyMap<string, unknown>): AttributeType {
  if (typeof type !== 'object' || type === null || !('type' in type))
    throw new TypeError('not a schema type');
  switch (type.type) {
    case 'String':
    case 'Long':
      return { kind: type.type };
    case 'Bool':
    case 'Boolean':
      return { kind: 'Bool' };
    case 'Set':
      return { kind: 'Set', element: resolveType('element' in type ? type.element : undefined, common) };
    case 'Record': {
      const attributes = 'attributes' in type && typeof type.attributes === 'object' ? type.attributes : {};
      return {
        kind: 'Record',
        attributes: Object.fromEntries(
          Object.entries(attributes ?? {}).map(([name, attribute]) => [
            name,
            { type: resolveType(attribute, common), required: attribute?.required !== false },
          ]),
        ),
      };
    }
    case 'Entity':
      return { kind: 'Entity', name: 'name' in type ? String(type.name) : '' };
    default: {
      // Cedar knows what every name is before it answers: what is no common type is an extension's.
      const name = String(type.type);
      const meaning = common.get(name);
      return meaning === undefined
        ? { kind: 'Extension', name: name.replace('__cedar::', '') }
        : resolveType(meaning, common);
    }
  }
}

export type Fitted =
  | { readonly ok: true; readonly value: Record<string, CedarValueJson> }
  | { readonly ok: false; readonly attribute: string; readonly problem: 'missing' | 'wrong_type' };

/** Picks the declared attributes out of what is known. Others are left out: policies cannot read them anyway. */
export function fitAttributes(attributes: AttributeTypes, known: JsonObject): Fitted {
  const value: Record<string, CedarValueJson> = {};
  for (const name of Object.keys(attributes)) {
    const declared = attributes[name];
    if (declared === undefined) continue;
    const given = Object.hasOwn(known, name) ? known[name] : undefined;
    if (given === undefined || given === null) {
      if (declared.required) return { ok: false, attribute: name, problem: 'missing' };
      continue;
    }
    const fitted = fitValue(declared.type, given);
    if (fitted === undefined) return { ok: false, attribute: name, problem: 'wrong_type' };
    value[name] = fitted;
  }
  return { ok: true, value };
}

function fitValue(type: AttributeType, given: Json): CedarValueJson | undefined {
  switch (type.kind) {
    case 'String':
      return typeof given === 'string' ? given : undefined;
    case 'Long':
      return typeof given === 'number' && Number.isSafeInteger(given) ? given : undefined;
    case 'Bool':
      return typeof given === 'boolean' ? given : undefined;
    case 'Set': {
      if (!Array.isArray(given)) return undefined;
      const elements = given.map((element) => fitValue(type.element, element));
      return elements.every((element) => element !== undefined) ? elements : undefined;
    }
    case 'Record': {
      if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
      const fitted = fitAttributes(type.attributes, given);
      return fitted.ok ? fitted.value : undefined;
    }
    case 'Entity':
      return typeof given === 'string' ? { __entity: { type: type.name, id: given } } : undefined;
    case 'Extension':
      return typeof given === 'string'
        ? { __extn: { fn: type.name === 'ipaddr' ? 'ip' : type.name, arg: given } }
        : undefined;
  }
}
