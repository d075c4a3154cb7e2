/**
 * Plan: what is to be done about cases and patterns, and what of it now. Pure.
 *
 * A case asks for the charter's action at its severity, once for each severity that it reaches. A pattern that no single
 * case explains asks for the committee: the loop puts nobody under more than a case gives reason for.
 */
import type { Charter } from '../charter/charter.ts';
import { healingId } from '../govern/healing.ts';
import type { Basis } from '../govern/sanctions/terms.ts';
import type { Severity } from '../terms.ts';
import { EFFECTS, isWorse, type Remedy, remedyOf, worth } from './actions.ts';
import type { PatternFound } from './patterns.ts';
import type { Seen } from './seen.ts';

export type HealingSettings = Charter['documents']['remediation.yaml']['healing'];

/** Something that asks for an action, until it is done. */
export interface Need {
  readonly id: string;
  readonly cause: { readonly kind: 'case' } | { readonly kind: 'pattern'; readonly pattern: string };
  readonly severity: Severity;
  readonly basis: Basis;
  /** The case that it is for; of a pattern, the newest. */
  readonly case_id: string;
  /** Pseudonym of whom it would touch; empty: nobody. */
  readonly subject: string;
  readonly nodes: readonly string[];
  readonly confidence: number;
  /** In a sentence, without names. */
  readonly why: string;
  /** Milliseconds: when it was seen that asks for it. */
  readonly since: number;
  readonly record: string;
  readonly trace: string;
}

export interface Plan extends Need {
  readonly action: Remedy;
  readonly cost: number;
  readonly worth: number;
}

/** Why a plan is not carried out in this cycle. `nobody`: no principal is known whom it could touch. */
export type WhyHeld = 'below_confidence_floor' | 'max_plans' | 'blast_radius' | 'nobody';

export interface Planned {
  /** In the order of their worth. */
  readonly chosen: readonly Plan[];
  readonly held: readonly { readonly plan: Plan; readonly because: WhyHeld }[];
}

/** What a basis makes one sure of. One person's word is enough once; whoever reports much is believed less. */
const CONFIDENCE: Readonly<Record<Basis, number>> = { reported: 0.65, observed: 0.9, confirmed: 1 };
const EACH_FURTHER_REPORT = 0.1;

/** @param further reports that the same reporter made lately besides this one */
export function needOfCase(seen: Seen, further = 0): Need {
  const { case_id, severity, basis, accused, node, at, record, trace } = seen;
  // On a report alone nobody is put under more than a provisional quarantine.
  const most = basis === 'reported' && isWorse(severity, 'SUSPENSION') ? 'SUSPENSION' : severity;
  return {
    id: healingId(case_id, most, accused),
    cause: { kind: 'case' },
    severity: most,
    basis,
    case_id,
    subject: most === 'WARNING' ? '' : accused,
    nodes: node === '' ? [] : [node],
    confidence: Math.max(0, CONFIDENCE[basis] - EACH_FURTHER_REPORT * further),
    why: `a case of ${severity}, ${basis}`,
    since: at,
    record,
    trace,
  };
}

/**
 * What the findings of one thing ask for together. Undefined where the cases answer for themselves: a node or a
 * principal each of whose cases has an action of its own. That many sources go after one metric no case can see.
 */
export function needOfPattern(findings: readonly PatternFound[]): Need | undefined {
  const [first] = findings;
  const evidence = first?.evidence ?? [];
  const newest = evidence.at(-1);
  if (first === undefined || newest === undefined) return undefined;
  const { common, of } = first;
  const cases = new Map(evidence.map(({ case_id, severity }) => [case_id, severity]));
  const explained = cases.size === 1 || [...cases.values()].every((severity) => severity !== 'WARNING');
  if (explained && common !== 'metric') return undefined;
  // Once in each window of this length, and not with each further violation.
  const window = Math.floor(newest.at / PATTERN_WINDOW_MS);
  const nodes = [...new Set(evidence.map(({ node }) => node))];
  const patterns = findings.map(({ pattern }) => pattern).join(' and ');
  return {
    id: healingId(newest.case_id, 'pattern', `${common} ${of} ${window}`, window * PATTERN_WINDOW_MS),
    cause: { kind: 'pattern', pattern: patterns },
    severity: [...cases.values()].reduce<Severity>(
      (worst, severity) => (isWorse(severity, worst) ? severity : worst),
      'SUSPENSION',
    ),
    basis: evidence.every(({ basis }) => basis === 'reported') ? 'reported' : 'observed',
    case_id: newest.case_id,
    subject: '',
    nodes,
    // Each pattern by itself may be chance; all of them at once are less likely to be.
    confidence: 1 - findings.reduce((doubt, { confidence }) => doubt * (1 - confidence), 1),
    why: `${patterns}: ${evidence.length} violations of ${nodes.length} nodes have one ${common}`,
    since: newest.at,
    record: newest.record,
    trace: newest.trace,
  };
}

const PATTERN_WINDOW_MS = 5 * 60_000;

/**
 * @param free subjects that may still be touched in this cycle, at most the charter's blast radius
 */
export function plan(needs: readonly Need[], settings: HealingSettings, free: number): Planned {
  const plans = needs.map((need) => planFor(need, settings));
  plans.sort((one, other) => other.worth - one.worth || one.since - other.since);
  const chosen: Plan[] = [];
  const held: { plan: Plan; because: WhyHeld }[] = [];
  const touched = new Set<string>();
  for (const each of plans) {
    const because = reasonAgainst(each, settings, chosen.length, touched, free);
    if (because !== undefined) {
      held.push({ plan: each, because });
      continue;
    }
    chosen.push(each);
    if (isTouching(each)) touched.add(each.subject);
  }
  return { chosen, held };
}

export const isTouching = ({ action, cause }: Pick<Plan, 'action' | 'cause'>): boolean =>
  cause.kind === 'case' && EFFECTS[action].touches;

function planFor(need: Need, { actions }: HealingSettings): Plan {
  // The charter's checks let no other word through; in doubt people decide.
  const action =
    need.cause.kind === 'pattern'
      ? 'escalate_to_committee'
      : (remedyOf(actions[need.severity]) ?? 'escalate_to_committee');
  const { cost } = EFFECTS[action];
  return { ...need, action, cost, worth: worth(action, need.severity, need.confidence) };
}

function reasonAgainst(
  each: Plan,
  { confidence_floor, max_plans, blast_radius }: HealingSettings,
  chosen: number,
  touched: ReadonlySet<string>,
  free: number,
): WhyHeld | undefined {
  if (each.confidence < confidence_floor) return 'below_confidence_floor';
  if (isTouching(each) && each.subject === '') return 'nobody';
  if (chosen >= max_plans) return 'max_plans';
  if (!isTouching(each) || touched.has(each.subject)) return undefined;
  return touched.size >= Math.min(blast_radius, free) ? 'blast_radius' : undefined;
}
