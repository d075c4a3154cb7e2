/**
 * Rate limits, quotas and budgets, in fixed windows. The counters are slots of one item each (the principal's
 * standing, the workflow's quota), counted and read by one `Table.add`.
 */
import type { Reason } from '../errors.ts';
import type { Item, Slot } from '../ports.ts';
import type { Principal } from '../terms.ts';
import type { Charter } from './charter.ts';

export interface Limits {
  /** Never empty. */
  readonly slots: readonly Slot[];
  /** Reasons against the request, given the item after `slots` were added. */
  exceeded(item: Item): readonly Exceeded[];
}

export interface Exceeded {
  readonly reason: Reason;
  /** The name of the rule, for `rate_limit.hit`. */
  readonly rule: string;
  readonly limit: number;
  readonly window_seconds: number;
  /** Until the window turns. */
  readonly retry_after_seconds: number;
}

interface Counter {
  readonly slot: Slot;
  readonly limit: number;
  readonly window_seconds: number;
  readonly code: 'rate_limited' | 'quota_exceeded' | 'budget_exceeded';
  readonly rule: string;
  readonly message: string;
}

/** Limits of one principal behind one scope. Counting starts anew at each window of the clock (UTC). */
export function limitsFor(
  charter: Charter,
  principal: Pick<Principal, 'kind'>,
  scope: string,
  now: number,
): Limits {
  const counters = charter.documents['limits.yaml'].rate_limits
    .filter((rule) => rule.scope === undefined || rule.scope === scope)
    .filter((rule) => rule.kind === undefined || rule.kind === principal.kind)
    .map(
      ({ id, limit, window }): Counter => ({
        slot: { name: `rl_${id}`, window: windowOf(now, window), by: 1 },
        limit,
        window_seconds: window,
        code: 'rate_limited',
        rule: `limits.yaml#${id}`,
        message: `more than ${limit} requests in ${window} seconds`,
      }),
    );
  return limits(counters, now);
}

/** Quota and budget of a workflow, whoever runs it; undefined when it has none. Kept at `quotaKey`. */
export function quotaFor(charter: Charter, workflow: string, now: number): Limits | undefined {
  const { quotas, budgets } = charter.documents['limits.yaml'];
  const quota = quotas.find((rule) => rule.workflow === workflow);
  const budget = budgets.find((rule) => rule.workflow === workflow);
  const counters: Counter[] = [];
  if (quota !== undefined) {
    counters.push({
      slot: { name: 'runs', window: windowOf(now, quota.window), by: 1 },
      limit: quota.limit,
      window_seconds: quota.window,
      code: 'quota_exceeded',
      rule: `limits.yaml#quotas.${workflow}`,
      message: `more than ${quota.limit} runs of ${workflow} in ${quota.window} seconds`,
    });
  }
  if (budget !== undefined) {
    // Thousandths of a cent: sums stay whole numbers.
    counters.push({
      slot: { name: 'spent', window: windowOf(now, budget.window), by: toUnits(budget.cost_dollars) },
      limit: toUnits(budget.budget_dollars),
      window_seconds: budget.window,
      code: 'budget_exceeded',
      rule: `limits.yaml#budgets.${workflow}`,
      message: `the budget of ${workflow}, ${budget.budget_dollars} dollars in ${budget.window} seconds, is spent`,
    });
  }
  return counters.length === 0 ? undefined : limits(counters, now);
}

export function quotaKey(workflow: string): { readonly pk: string; readonly sk: string } {
  return { pk: `WORKFLOW#${workflow}`, sk: 'quota' };
}

/** How much of quota and budget is used, 0 to 1 and beyond; for the gauges. */
export function usage(
  charter: Charter,
  workflow: string,
  item: Item,
  now: number,
): { quota?: number; budget?: number } {
  const { quotas, budgets } = charter.documents['limits.yaml'];
  const quota = quotas.find((rule) => rule.workflow === workflow);
  const budget = budgets.find((rule) => rule.workflow === workflow);
  return {
    ...(quota && { quota: countIn(item, 'runs', windowOf(now, quota.window)) / quota.limit }),
    ...(budget && {
      budget: countIn(item, 'spent', windowOf(now, budget.window)) / toUnits(budget.budget_dollars),
    }),
  };
}

/** What a reason's `policy_id` (`limits.yaml#…`) stands for; `name` is short enough for a metric label. */
export function limitNamed(
  charter: Charter,
  rule: string,
): { readonly name: string; readonly limit: number; readonly window_seconds: number } {
  const { rate_limits, quotas, budgets } = charter.documents['limits.yaml'];
  const name = rule.slice(rule.indexOf('#') + 1);
  const rate = rate_limits.find(({ id }) => id === name);
  if (rate !== undefined) return { name, limit: rate.limit, window_seconds: rate.window };
  const [kind, workflow] = name.split('.');
  const quota = quotas.find((one) => one.workflow === workflow);
  if (kind === 'quotas' && quota !== undefined) {
    return { name: 'quota', limit: quota.limit, window_seconds: quota.window };
  }
  const budget = budgets.find((one) => one.workflow === workflow);
  return { name: 'budget', limit: budget?.budget_dollars ?? 0, window_seconds: budget?.window ?? 0 };
}

/** Attributes for `Table.merge` that set every rate counter of a principal back to nothing. */
export function resetCounters(charter: Charter): Readonly<Record<string, number>> {
  return Object.fromEntries(
    charter.documents['limits.yaml'].rate_limits.flatMap(({ id }) => [
      [`rl_${id}`, 0],
      [`rl_${id}_w`, 0],
    ]),
  );
}

/** What a budget is counted in: a hundred-thousandth of a dollar. */
export function toUnits(dollars: number): number {
  return Math.round(dollars * 100_000);
}

function limits(counters: readonly Counter[], now: number): Limits {
  return {
    // The contract of `add` wants a slot even where nothing is limited: this one only says that somebody came.
    slots:
      counters.length > 0
        ? counters.map(({ slot }) => slot)
        : [{ name: 'seen', window: windowOf(now, 3600), by: 1 }],
    exceeded: (item) =>
      counters
        .filter(({ slot, limit }) => countIn(item, slot.name, slot.window) > limit)
        .map(({ code, rule, message, limit, window_seconds }) => ({
          rule: rule.slice(rule.indexOf('#') + 1),
          reason: { code, policy_id: rule, message, kind: 'not_permitted' },
          limit,
          window_seconds,
          retry_after_seconds: Math.max(
            1,
            Math.ceil(((windowOf(now, window_seconds) + 1) * window_seconds * 1000 - now) / 1000),
          ),
        })),
  };
}

/** The count of a slot in a window, or in the next one where our clock is late. */
function countIn(item: Item, name: string, window: number): number {
  const count = item[name];
  const stored = item[`${name}_w`];
  return typeof count === 'number' && (stored === window || stored === window + 1) ? count : 0;
}

function windowOf(now: number, seconds: number): number {
  return Math.floor(now / (seconds * 1000));
}
