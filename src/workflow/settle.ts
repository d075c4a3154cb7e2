/**
 * Mission settlement: did the run do what its mission promised? Each success check looks at one place of the
 * output. `met`: every check holds. `unmet`: one does not. `unknown`: there is no check, or one that cannot
 * be answered (no such place in the output, kinds that can't be compared, a pattern that is none).
 */
import { canonicalJson } from '../basics/canonical.ts';
import type { Json } from '../json.ts';
import type { Settlement } from '../ledger/payloads.ts';
import type { MissionCheck, SettlementResult } from '../terms.ts';
import { parsePath, valueAt } from './path.ts';
import { type Allowance, compilePattern, isFound } from './pattern.ts';
import type { Workflow } from './workflow.ts';

/** In a settlement, checks of the workflow's own manifest stand under this criterion. */
export const WORKFLOW_CRITERION = -1;

/** What one run is settled by: the workflow's own checks, then those of the request's mission. */
export function checksOf(
  workflow: Pick<Workflow, 'checks'>,
  mission: { readonly checks: readonly MissionCheck[] },
): MissionCheck[] {
  return [
    ...workflow.checks.map((check) => ({ ...check, criterion: WORKFLOW_CRITERION })),
    ...mission.checks,
  ];
}

/** `output` undefined: the run failed or is stale, nothing can be said. */
export function settle(checks: readonly MissionCheck[], output: Json | undefined): Settlement {
  const allowance = { left: STEPS };
  const results = checks.map((check) => ({
    criterion: check.criterion,
    path: check.path,
    op: check.op,
    result: output === undefined ? ('unknown' as const) : evaluate(check, output, allowance),
  }));
  return { result: overall(results.map((check) => check.result)), checks: results };
}

function overall(results: readonly SettlementResult[]): SettlementResult {
  if (results.includes('unmet')) return 'unmet';
  return results.length === 0 || results.includes('unknown') ? 'unknown' : 'met';
}

function evaluate(check: MissionCheck, output: Json, allowance: Allowance): SettlementResult {
  const steps = parsePath(check.path);
  if (steps === undefined) return 'unknown';
  const value = valueAt(output, steps);
  if (check.op === 'exists') return verdict((value !== undefined) === (check.value ?? true));
  if (value === undefined || check.value === undefined) return 'unknown';
  const answer = compare(check.op, value, check.value, allowance);
  return answer === undefined ? 'unknown' : verdict(answer);
}

const verdict = (holds: boolean): SettlementResult => (holds ? 'met' : 'unmet');

/** undefined: the two cannot be compared by this operation. */
function compare(
  op: Exclude<MissionCheck['op'], 'exists'>,
  value: Json,
  expected: Json,
  allowance: Allowance,
): boolean | undefined {
  switch (op) {
    case 'eq':
      return equal(value, expected);
    case 'ne':
      return !equal(value, expected);
    case 'contains':
      return contains(value, expected);
    case 'matches':
      return matches(value, expected, allowance);
    default: {
      const sign = order(value, expected);
      if (sign === undefined) return undefined;
      if (op === 'gt') return sign > 0;
      if (op === 'gte') return sign >= 0;
      return op === 'lt' ? sign < 0 : sign <= 0;
    }
  }
}

function equal(a: Json, b: Json): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

/** Numbers by size, texts by code unit (so RFC 3339 times of one zone order as times). */
function order(a: Json, b: Json): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : a < b ? -1 : 1;
  return undefined;
}

function contains(value: Json, expected: Json): boolean | undefined {
  if (Array.isArray(value)) return value.some((item) => equal(item, expected));
  if (typeof value === 'string' && typeof expected === 'string') return value.includes(expected);
  return undefined;
}

/** All patterns of one settlement together: some 50 ms, then what is left is unknown. */
const STEPS = 1_000_000;

function matches(value: Json, pattern: Json, allowance: Allowance): boolean | undefined {
  if (typeof value !== 'string' || typeof pattern !== 'string') return undefined;
  const compiled = compilePattern(pattern);
  return compiled && isFound(compiled, value, allowance);
}
