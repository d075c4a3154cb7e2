/**
 * Putting a question to the policies. Whatever cannot be asked properly is refused here with its reason: an
 * unknown action, a resource of the wrong type, an attribute that is missing.
 */
import type { Reason } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Charter } from './charter.ts';
import { toolRefusal } from './gateway.ts';
import { type AttributeTypes, fitAttributes } from './schema.ts';

export interface PolicyQuestion {
  readonly subject: {
    readonly id: string;
    readonly roles: readonly string[];
    readonly attributes: JsonObject;
  };
  readonly action: string;
  /** `type` in lower case, as requests name it: workflow, tool, server, agent, asset. */
  readonly resource: { readonly type: string; readonly id: string; readonly attributes: JsonObject };
  readonly context: JsonObject;
}

export interface Judgement {
  /** The question could not be put: deny. */
  readonly refused?: Reason;
  readonly forbids: readonly string[];
  /** Empty when a forbid holds: Cedar does not go on to the permits then. */
  readonly permits: readonly string[];
  /** Policies that errored. Any of them is a deny (invariant 3). */
  readonly errors: readonly string[];
}

export function judge(charter: Charter, question: PolicyQuestion): Judgement {
  const { schema } = charter;
  const action = schema.actions.get(question.action);
  if (action === undefined) {
    return refuse('unknown_action', '/action', `the charter knows no action ${question.action}`);
  }
  const resourceType = entityType(charter, question.resource.type, action.resourceTypes);
  if (resourceType === undefined) {
    const types = action.resourceTypes.map((type) => type.slice(schema.prefix.length).toLowerCase());
    return refuse(
      'unknown_resource_type',
      '/resource/type',
      `${question.action} is asked of ${types.join(' or ')}, not of ${question.resource.type}`,
    );
  }
  const unknown = question.resource.type === 'tool' ? toolRefusal(charter, question.resource.id) : undefined;
  if (unknown !== undefined) return { refused: unknown, forbids: [], permits: [], errors: [] };
  const principalType = action.principalTypes[0];
  if (principalType === undefined) {
    return refuse('unknown_action', '/action', `nobody can be allowed ${question.action}`);
  }
  const subject = attributes(schema.entities.get(principalType), question.subject.attributes, 'token');
  if (!subject.ok) return subject.refusal;
  const resource = attributes(
    schema.entities.get(resourceType),
    question.resource.attributes,
    '/resource/properties',
  );
  if (!resource.ok) return resource.refusal;
  const context = attributes(action.context, question.context, '/context');
  if (!context.ok) return context.refusal;

  const role = `${schema.prefix}Role`;
  const verdict = charter.engine.ask({
    principal: {
      uid: { type: principalType, id: question.subject.id },
      attrs: subject.value,
      parents: schema.entities.has(role) ? question.subject.roles.map((id) => ({ type: role, id })) : [],
    },
    action: question.action,
    resource: { uid: { type: resourceType, id: question.resource.id }, attrs: resource.value, parents: [] },
    context: context.value,
  });
  return {
    forbids: verdict.effect === 'forbid' ? verdict.determining : [],
    permits: verdict.effect === 'permit' ? verdict.determining : [],
    errors: verdict.errors,
  };
}

function entityType(charter: Charter, type: string, allowed: readonly string[]): string | undefined {
  const { prefix } = charter.schema;
  // Exactly as requests name it: `Tool` would be judged without anything that is known of tools.
  return allowed.find((full) => full.slice(prefix.length).toLowerCase() === type);
}

type Filled =
  | { readonly ok: true; readonly value: Extract<ReturnType<typeof fitAttributes>, { ok: true }>['value'] }
  | { readonly ok: false; readonly refusal: Judgement };

function attributes(declared: AttributeTypes | undefined, known: JsonObject, path: string): Filled {
  const fitted = fitAttributes(declared ?? {}, known);
  if (fitted.ok) return fitted;
  const { attribute, problem } = fitted;
  const at = path === 'token' ? path : `${path}/${attribute}`;
  return {
    ok: false,
    refusal:
      problem === 'missing'
        ? refuse('missing_attribute', at, `the charter needs the attribute ${attribute}, and it is not given`)
        : refuse(
            'wrong_attribute_type',
            at,
            `the attribute ${attribute} is not of the type that the charter declares`,
          ),
  };
}

function refuse(code: string, path: string, message: string): Judgement {
  return { refused: { code, path, message, kind: 'invalid' }, forbids: [], permits: [], errors: [] };
}
