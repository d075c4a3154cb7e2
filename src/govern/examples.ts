/**
 * Example decisions of a charter: what stands in its `tests/` folder. An example says who asks for what and what
 * must come of it; together they must use every policy at least once. Workflows that are registered are asked
 * for as they are: a manifest retyped beside the examples would let them pass while the real one does otherwise.
 */
import * as z from 'zod';
import type { Problem } from '../basics/problem.ts';
import { type ReadYaml, readYaml } from '../basics/yaml.ts';
import { type Charter, scopesOfRoles } from '../charter/charter.ts';
import { atToolRisk } from '../charter/gateway.ts';
import { shapeOf } from '../charter/shape.ts';
import { decideOnce } from '../decision/decide.ts';
import type { Facts } from '../decision/facts.ts';
import {
  ACTOR_TYPES,
  DATA_CLASSES,
  DRAG_MODES,
  OUTCOMES,
  PRINCIPAL_KINDS,
  type Principal,
  SENSITIVITIES,
  STAGES,
  type WorkflowFacts,
} from '../terms.ts';

const risk = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]);
const names = z.array(z.string());
const json = z.record(z.string(), z.json());

/** A workflow that does not exist, to show what a policy would say of one. */
const workflow = z.strictObject({
  risk_level: risk,
  modes: z.array(z.enum(DRAG_MODES)),
  roles: names.default([]),
  sensitivity: z.enum(SENSITIVITIES).default('low'),
  data_classes: z.array(z.enum(DATA_CLASSES)).default([]),
  effects: z.boolean(),
});

const who = z.strictObject({
  sub: z.string().default('someone'),
  kind: z.enum(PRINCIPAL_KINDS).default('human'),
  actor_type: z.enum(ACTOR_TYPES).optional(),
  roles: names.default([]),
  scopes: names.default([]),
  act: names.default([]),
  /** The subject is a person though an agent acts for them. */
  person: z.boolean().optional(),
  mfa: z.boolean().default(false),
});

const example = z.strictObject({
  name: z.string().min(1),
  who,
  /** A workflow and a mode, or an action and a resource. */
  workflow: z.string().optional(),
  mode: z.enum(DRAG_MODES).optional(),
  action: z.string().optional(),
  resource: z.strictObject({ type: z.string(), id: z.string(), properties: json.default({}) }).optional(),
  parameters: json.default({}),
  context: json.default({}),
  risk: risk.optional(),
  data_classes: z.array(z.enum(DATA_CLASSES)).default([]),
  /** Prescriptive language was found in the text. */
  prescriptive: z.boolean().default(false),
  approved: z.boolean().default(false),
  /** When it is asked, RFC 3339; now, where it does not matter. */
  at: z.iso.datetime().optional(),
  expect: z.strictObject({
    outcome: z.enum(OUTCOMES),
    stage: z.enum(STAGES).optional(),
    /** Determining policies, all of them. */
    policies: names.optional(),
    code: z.string().optional(),
  }),
});
export type Example = z.output<typeof example>;

const sheet = z.strictObject({
  workflows: z.record(z.string(), workflow).default({}),
  examples: z.array(example).default([]),
});

export interface ExampleSet {
  readonly workflows: ReadonlyMap<string, WorkflowFacts>;
  readonly examples: readonly (Example & { readonly file: string; readonly line: number })[];
}

export type ReadExamples =
  | { readonly ok: true; readonly set: ExampleSet }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * @param files of a bundle; only `tests/*.yaml` are read
 * @param registered the workflows that there are
 * @param asYaml how they are read
 */
export function readExamples(
  files: ReadonlyMap<string, string>,
  registered: readonly WorkflowFacts[],
  asYaml: ReadYaml = readYaml,
): ReadExamples {
  const problems: Problem[] = [];
  const workflows = new Map(registered.map((one) => [one.name, one]));
  const examples: (Example & { file: string; line: number })[] = [];
  for (const [file, text] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!/^tests\/[^/]+\.ya?ml$/.test(file)) continue;
    const yaml = asYaml(file, text);
    const shaped = shapeOf(file, yaml, sheet);
    problems.push(...shaped.problems);
    if (shaped.value === undefined) continue;
    for (const [name, facts] of Object.entries(shaped.value.workflows)) {
      if (registered.some((one) => one.name === name)) {
        problems.push({
          file,
          ...yaml.locate(['workflows', name]),
          code: 'retyped_workflow',
          message: `${name} is registered; its own manifest is what the examples ask for`,
          fix: 'Remove it from the tests, or give the invented workflow another name.',
        });
      } else workflows.set(name, { name, ...facts });
    }
    shaped.value.examples.forEach((one, index) => {
      examples.push({ ...one, file, line: yaml.locate(['examples', index]).line });
    });
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, set: { workflows, examples } };
}

export interface ExampleResult {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly passed: boolean;
  /** What differed, in words. */
  readonly differences: readonly string[];
}

export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  readonly results: readonly ExampleResult[];
  /** Policies that no example was decided by. */
  readonly uncovered: readonly string[];
  readonly policies: number;
}

/** @param now the time at which the examples are decided (ms) */
export function runExamples(charter: Charter, { workflows, examples }: ExampleSet, now: number): TestReport {
  const used = new Set<string>();
  const results = examples.map((one): ExampleResult => {
    const differences = check(charter, one, workflows, now, used);
    return { name: one.name, file: one.file, line: one.line, passed: differences.length === 0, differences };
  });
  const passed = results.filter((result) => result.passed).length;
  return {
    passed,
    failed: results.length - passed,
    results,
    uncovered: charter.policies.map(({ id }) => id).filter((id) => !used.has(id)),
    policies: charter.policies.length,
  };
}

function check(
  charter: Charter,
  one: Example,
  workflows: ReadonlyMap<string, WorkflowFacts>,
  now: number,
  used: Set<string>,
): string[] {
  const facts = factsOf(charter, one, workflows, one.at === undefined ? now : Date.parse(one.at));
  if (typeof facts === 'string') return [facts];
  const decision = decideOnce(charter, facts);
  const determining = decision.policies.map(({ id }) => id);
  for (const id of determining) used.add(id);
  const { expect } = one;
  const differences: string[] = [];
  const differ = (what: string, wanted: string | undefined, got: string) => {
    if (wanted !== undefined && wanted !== got) differences.push(`${what}: expected ${wanted}, got ${got}`);
  };
  differ('outcome', expect.outcome, decision.outcome);
  differ('stage', expect.stage, decision.stage);
  differ(
    'policies',
    expect.policies && [...expect.policies].sort().join(', '),
    [...determining].sort().join(', '),
  );
  differ('code', expect.code, decision.reasons[0]?.code ?? 'none');
  return differences;
}

function factsOf(
  charter: Charter,
  one: Example,
  workflows: ReadonlyMap<string, WorkflowFacts>,
  now: number,
): Facts | string {
  const principal = principalOf(charter, one, now);
  const common = {
    principal,
    shape: [],
    aim: [],
    prescriptive: one.prescriptive
      ? [
          {
            phrase: 'you should',
            phrase_type: 'directive' as const,
            start: 0,
            end: 10,
            suggestion: 'options include',
          },
        ]
      : [],
    standing: { pk: 'EXAMPLE', sk: 'standing' },
    emergency: { state: 'clear' as const },
    draining: false,
    approved: one.approved,
    now,
  };
  if (one.workflow !== undefined) {
    const known = workflows.get(one.workflow);
    if (known === undefined)
      return `no workflow ${one.workflow} is registered or stands under "workflows" of the tests`;
    if (one.mode === undefined) return 'a workflow is asked for in a mode';
    return {
      ...common,
      action: 'workflow:execute',
      scope: 'workflows:execute',
      resource: { type: 'workflow', id: one.workflow },
      workflow: known,
      drag_mode: one.mode,
      request: {
        workflow_name: one.workflow,
        drag_mode: one.mode,
        aim: {
          actor: { name: principal.sub },
          input: { sources: [{ type: 'example', description: one.name }], constraints: [] },
          mission: { objective: one.name, success_criteria: ['as expected'], checks: [] },
        },
        parameters: one.parameters,
        data_classes: one.data_classes,
        ...(one.risk ? { risk_level: one.risk } : {}),
        ...(one.prescriptive ? { output_text: 'you should' } : {}),
        options: { mode: 'enforce', explain: 'summary' },
      },
    };
  }
  if (one.action === undefined || one.resource === undefined)
    return 'neither a workflow nor an action and a resource';
  return {
    ...common,
    action: one.action,
    scope: 'decisions:evaluate',
    resource: { type: one.resource.type, id: one.resource.id },
    ask: atToolRisk(charter, one.resource, {
      parameters: one.parameters,
      properties: one.resource.properties,
      context: one.context,
      data_classes: one.data_classes,
      ...(one.risk ? { risk_level: one.risk } : {}),
    }),
  };
}

function principalOf(charter: Charter, { who: given }: Example, now: number): Principal {
  const { sub, kind, actor_type, roles, scopes, act, person, mfa } = given;
  return {
    sub,
    issuer: 'example',
    kind,
    actor_type:
      actor_type ?? (kind === 'human' ? 'human_user' : kind === 'agent' ? 'ai_agent' : 'system_service'),
    roles,
    // Whether a route lets somebody ask is not what these examples are about.
    scopes: [
      ...new Set(['workflows:execute', 'decisions:evaluate', ...scopes, ...scopesOfRoles(charter)(roles)]),
    ],
    act,
    person: person ?? (kind === 'human' && act.length === 0),
    fresh_mfa: mfa,
    expires_at: now + 3_600_000,
  };
}
