/**
 * Cedar, prepared. Policies are parsed once per charter and sorted by action, so that a question is put only
 * to those that can speak of it (a hundred policies about other actions cost nothing).
 */
import { createHash } from 'node:crypto';
import type { CedarValueJson, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { callCedar, cedarGeneration, isCedarWorking } from './cedar.ts';
import type { CedarAnswer, CedarRequest } from './cedar-question.ts';
import { type CompiledSet, compile, policyOnce } from './compiled.ts';
import type { Policy } from './policies.ts';
import type { CharterSchema } from './schema.ts';

export interface PolicyEngine {
  ask(request: CedarRequest): CedarAnswer;
  /**
   * Puts the newest sampled question to Cedar itself. Once its answer differs from the compiled policies', they are not
   * asked any more: from then on Cedar answers. Undefined when nothing was sampled since the last call.
   */
  check(): 'same' | 'differs' | undefined;
  /** Policies that can speak of an action. */
  policiesOf(action: string): readonly string[];
}

/** Policies prepared together, and the attributes that any of them reads. */
interface PolicySet {
  /** Answers without Cedar; undefined when a policy uses what is not compiled. */
  readonly compiled: CompiledSet | undefined;
  readonly name: string;
  readonly reads: ReadonlySet<string>;
  readonly staticPolicies: Readonly<Record<string, string>>;
  /** The instance of Cedar that has it prepared. */
  generation: number;
}

interface ActionSets {
  readonly ids: readonly string[];
  /** For resources that no policy names. */
  readonly general: PolicySet;
  /** For those that one does (`resource == …`), prepared when first asked about. */
  readonly named: Map<string, PolicySet>;
  readonly policies: readonly Policy[];
}

/** Throws when a policy does not parse: check the bundle first. In this thread, for as long as it takes. */
export function prepare(policies: readonly Policy[], schema: CharterSchema): PolicyEngine {
  const steps = preparing(policies, schema);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * The same in steps, one policy or one set in each: a bundle at the bounds takes half a second, and whoever prepares
 * it is who decides.
 * @param pause lets others go on
 */
export async function prepareInSteps(
  policies: readonly Policy[],
  schema: CharterSchema,
  pause: () => Promise<unknown>,
): Promise<PolicyEngine> {
  const steps = preparing(policies, schema);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await pause();
  }
}

function* preparing(policies: readonly Policy[], schema: CharterSchema): Generator<void, PolicyEngine> {
  const actionType = `${schema.prefix}Action`;
  const sets = new Map<string, ActionSets>();
  /** By content: most actions have the same policies, and preparing them once for each took seconds. */
  const shared = new Map<string, PolicySet>();
  const prepareSet = (chosen: readonly Policy[]): PolicySet => {
    const name = nameOf(chosen);
    const set = shared.get(name) ?? newSet(name, chosen, actionType);
    shared.set(name, set);
    return set;
  };
  for (const { json } of policies) {
    readsOf(json);
    policyOnce(json);
    yield;
  }
  for (const action of schema.actions.values()) {
    const chosen = policies.filter(
      (policy) => policy.actions === 'all' || policy.actions.some((id) => action.groups.has(id)),
    );
    sets.set(action.id, {
      ids: chosen.map(({ id }) => id),
      general: prepareSet(chosen.filter((policy) => policy.resource === undefined)),
      named: new Map(),
      policies: chosen,
    });
    yield;
  }
  /** A policy whose scope names another resource cannot apply: leaving it out changes no answer. */
  function setFor({ policies: chosen, general, named }: ActionSets, resource: string): PolicySet {
    if (!chosen.some((policy) => policy.resource === resource)) return general;
    const known = named.get(resource);
    if (known !== undefined) return known;
    const set = prepareSet(
      chosen.filter((policy) => policy.resource === undefined || policy.resource === resource),
    );
    named.set(resource, set);
    return set;
  }

  /** What Cedar's own engine says. */
  function askCedar(set: PolicySet, { principal, action, resource, context }: CedarRequest): CedarAnswer {
    const { reads } = set;
    const call = {
      principal: principal.uid,
      action: { type: actionType, id: action },
      resource: resource.uid,
      context: only(reads, context),
      preparsedPolicySetId: set.name,
      entities: [principal, resource].map(({ uid, attrs, parents }) => ({
        uid,
        attrs: only(reads, attrs),
        parents: [...parents],
      })),
    };
    const answer = answerOf(() => {
      keepPrepared(set);
      return callCedar((cedar) => cedar.statefulIsAuthorized(call));
    });
    if (answer === undefined || answer.type === 'failure') {
      return { effect: 'none', determining: [], errors: ['*'] };
    }
    const { decision, diagnostics } = answer.response;
    const determining = [...diagnostics.reason].sort();
    return {
      effect: decision === 'allow' ? 'permit' : determining.length > 0 ? 'forbid' : 'none',
      determining,
      errors: diagnostics.errors.map(({ policyId }) => policyId).sort(),
    };
  }

  let trusted = true;
  let answered = 0;
  let sample:
    | { readonly set: PolicySet; readonly request: CedarRequest; readonly verdict: CedarAnswer }
    | undefined;

  return {
    policiesOf: (action) => sets.get(action)?.ids ?? [],
    ask(request) {
      const known = sets.get(request.action);
      if (known === undefined) return { effect: 'none', determining: [], errors: [] };
      const set = setFor(known, request.resource.uid.id);
      const verdict = trusted ? set.compiled?.(request) : undefined;
      if (verdict === undefined) return askCedar(set, request);
      if (answered++ % ONE_IN === CHECKED) sample = { set, request, verdict };
      return verdict;
    },
    check() {
      if (sample === undefined) return undefined;
      const { set, request, verdict } = sample;
      sample = undefined;
      const asked = askCedar(set, request);
      // An engine that is gone says nothing about the compiled policies.
      if (!isCedarWorking()) return undefined;
      const same = JSON.stringify(asked) === JSON.stringify(verdict);
      trusted &&= same;
      return same ? 'same' : 'differs';
    },
  };
}

/**
 * Of this many answers by compiled policies one can be checked: the second, not the first, whose caller waits for the start of a function
 * already and would wait for Cedar's too.
 */
const ONE_IN = 100;
const CHECKED = 1;

/** By content: Cedar's cache of prepared sets is per thread and never shrinks, so equal sets share one. */
function nameOf(policies: readonly Policy[]): string {
  const hash = createHash('sha256');
  for (const { id, text } of policies) hash.update(JSON.stringify([id, text]));
  return hash.digest('hex');
}

function newSet(name: string, policies: readonly Policy[], actionType: string): PolicySet {
  const staticPolicies = Object.fromEntries(policies.map((policy) => [policy.id, policy.text]));
  const reads = new Set<string>();
  for (const { json } of policies) for (const name of readsOf(json)) reads.add(name);
  const set = { compiled: compile(policies, actionType), name, reads, staticPolicies, generation: -1 };
  // What is compiled is put to Cedar now and then only, and prepared there when it is.
  if (set.compiled === undefined) keepPrepared(set);
  return set;
}

/** Prepares a set in the instance of Cedar that will be asked. Throws TypeError when a policy does not parse. */
function keepPrepared(set: PolicySet): void {
  if (set.generation === cedarGeneration()) return;
  const { name, staticPolicies } = set;
  const answer = callCedar((cedar) =>
    cedar.preparsePolicySet(name, { staticPolicies: { ...staticPolicies } }),
  );
  if (answer.type === 'failure') throw new TypeError(answer.errors.map(({ message }) => message).join('; '));
  set.generation = cedarGeneration();
}

/**
 * What a question gets. One that ends the engine is put once more, to the next: the fault may have been there before
 * it. Undefined, which denies, when it ends that too.
 */
function answerOf<Answer>(ask: () => Answer): Answer | undefined {
  for (let left = 2; left > 0; left--) {
    try {
      return ask();
    } catch {
      // The instance that ended was replaced by the call itself, and readiness says so where it could not be.
    }
  }
  return undefined;
}

const readBefore = new WeakMap<PolicyJson, ReadonlySet<string>>();

/** A policy stands in the sets of many actions: it is looked through for the first. */
function readsOf(json: PolicyJson): ReadonlySet<string> {
  const before = readBefore.get(json);
  if (before !== undefined) return before;
  const reads = new Set<string>();
  collectReads(json, reads);
  readBefore.set(json, reads);
  return reads;
}

/** Attribute names anywhere in a policy. Handing Cedar only these halves what a decision costs. */
function collectReads(node: unknown, reads: Set<string>): void {
  if (typeof node !== 'object' || node === null) return;
  if ('attr' in node)
    for (const name of Array.isArray(node.attr) ? node.attr : [node.attr]) reads.add(String(name));
  for (const inner of Object.values(node)) collectReads(inner, reads);
}

function only(
  names: ReadonlySet<string>,
  attributes: Readonly<Record<string, CedarValueJson>>,
): Record<string, CedarValueJson> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => names.has(name)));
}
