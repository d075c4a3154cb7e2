/**
 * What policies must be to the schema and to the rest of the bundle: Cedar's own strict validation, and the
 * rules that make "deny by default" hold where Cedar alone would let a request through.
 */
import type { DetailedError } from '@cedar-policy/cedar-wasm/nodejs';
import type { Problem } from '../basics/problem.ts';
import { callCedar } from './cedar.ts';
import { type CedarAnswers, soundnessOf } from './cedar-answers.ts';
import type { Documents } from './documents.ts';
import { type Policy, placeInPolicy } from './policies.ts';
import type { CharterSchema } from './schema.ts';

export function checkPolicies(
  policies: readonly Policy[],
  schema: CharterSchema,
  documents: Documents | undefined,
  { sound }: Pick<CedarAnswers, 'sound'>,
): Problem[] {
  const problems = sound.includes(soundnessOf(policies, schema)) ? [] : cedarFindings(policies, schema);
  for (const policy of policies) {
    problems.push(...guards(policy), ...unconditional(policy));
    if (documents !== undefined) problems.push(...unknownRoles(policy, schema, documents));
  }
  return problems;
}

function cedarFindings(policies: readonly Policy[], schema: CharterSchema): Problem[] {
  const staticPolicies = Object.fromEntries(policies.map(({ id, text }) => [id, text]));
  const answer = callCedar((cedar) => cedar.validate({ schema: schema.text, policies: { staticPolicies } }));
  if (answer.type === 'failure') {
    return answer.errors.map((error) => finding(undefined, error));
  }
  const byId = new Map(policies.map((policy) => [policy.id, policy]));
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const { policyId, error } of [...answer.validationErrors, ...answer.validationWarnings]) {
    const problem = finding(byId.get(policyId), error);
    // Cedar says the same of every action that a policy speaks of; once is enough.
    const key = `${policyId} ${problem.line}:${problem.column} ${problem.code}`;
    if (seen.has(key)) continue;
    seen.add(key);
    problems.push(problem);
  }
  return problems;
}

/** Cedar's messages, by what they are about; anything that we don't know stays a type error. */
const KINDS: readonly (readonly [RegExp, string, string])[] = [
  [
    /policy is impossible/,
    'policy_never_applies',
    'No request can satisfy it: correct its conditions, or remove it.',
  ],
  [
    /unable to find an applicable action/,
    'policy_never_applies',
    'Its principal, action and resource do not go together in the schema.',
  ],
  [/unrecognized action/, 'unknown_action', 'Name an action of the schema.'],
  [/unrecognized entity type/, 'unknown_entity_type', 'Name an entity type of the schema.'],
  [/attribute .* not found/, 'unknown_attribute', 'Name an attribute that the schema declares.'],
  [
    /unable to guarantee safety of access to optional/,
    'optional_attribute',
    'Make the attribute required in the schema.',
  ],
];

function finding(policy: Policy | undefined, error: DetailedError): Problem {
  const kind = KINDS.find(([pattern]) => pattern.test(error.message));
  const place =
    policy === undefined ? { line: 1, column: 1 } : placeInPolicy(policy, error.sourceLocations?.[0]);
  return {
    file: policy?.file ?? 'policies/',
    ...place,
    code: kind?.[1] ?? 'cedar_type',
    message: error.message,
    fix: error.help ?? kind?.[2] ?? 'Correct the types.',
  };
}

/**
 * A `has` in a forbid makes it pass over exactly the requests that leave the attribute out (invariant 3). The
 * schema must require what a forbid reads instead; or the guard stands in its `unless`, where leaving it out lifts nothing.
 */
function guards(policy: Policy): Problem[] {
  const looks = (node: object): boolean => 'has' in node || 'hasTag' in node;
  const turns = (node: object): boolean => ('!' in node || 'if-then-else' in node) && mentions(node, looks);
  const lifted = policy.json.conditions.some(({ kind, body }) =>
    mentions(body, kind === 'unless' ? turns : looks),
  );
  if (policy.effect !== 'forbid' || !lifted) return [];
  const at = policy.text.search(/\bhas\b|\.hasTag\b/);
  const start = Buffer.byteLength(policy.text.slice(0, Math.max(at, 0)), 'utf8');
  return [
    {
      file: policy.file,
      ...placeInPolicy(policy, { start, end: start }),
      code: 'has_in_forbid',
      message: `${policy.id} forbids only if an attribute is there: leaving it out would lift it`,
      fix: 'Make the attribute required in the schema and drop the guard, or put it into the unless.',
    },
  ];
}

/** A permit for everybody, everything and every action is no policy. */
function unconditional(policy: Policy): Problem[] {
  const { principal, action, resource, conditions } = policy.json;
  const open =
    principal.op === 'All' && action.op === 'All' && resource.op === 'All' && conditions.length === 0;
  if (!open || policy.effect !== 'permit') return [];
  return [
    {
      file: policy.file,
      ...policy.place,
      code: 'permit_everything',
      message: `${policy.id} permits everything to everybody`,
      fix: 'Name who may do what: there is no mode that allows everything.',
    },
  ];
}

function unknownRoles(policy: Policy, schema: CharterSchema, documents: Documents): Problem[] {
  const type = `${schema.prefix}Role`;
  const known = documents['roles.yaml'].roles;
  const problems: Problem[] = [];
  mentions(policy.json, (node) => {
    const { type: entity, id } = node;
    if (entity === type && typeof id === 'string' && !Object.hasOwn(known, id)) {
      const at = Math.max(policy.text.indexOf(`"${id}"`), 0);
      const start = Buffer.byteLength(policy.text.slice(0, at), 'utf8');
      problems.push({
        file: policy.file,
        ...placeInPolicy(policy, { start, end: start }),
        code: 'unknown_role',
        message: `${policy.id} names the role ${id}, which roles.yaml does not have`,
        fix: 'Correct the name, or add the role.',
      });
    }
    return false;
  });
  return problems;
}

/** Whether any object inside a policy's JSON satisfies `test`. */
function mentions(node: unknown, test: (node: Record<string, unknown>) => boolean): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if (Array.isArray(node)) return node.some((element) => mentions(element, test));
  const object = { ...node };
  return test(object) || Object.values(object).some((value) => mentions(value, test));
}
