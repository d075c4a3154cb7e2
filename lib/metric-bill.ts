/** What our CloudWatch metrics cost a month: shown at synthesis, which fails when it is over the budget. */
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type Billed, billed } from '../src/watch/metrics/cloudwatch.ts';
import { ALL_FUNCTIONS, WATCH_FUNCTIONS } from './functions.ts';

/** Roles that really ask for workflows; the catalogue's budget is what a charter could have. */
const ASKING_ROLES = 6;
/** Dollars a month for one environment, with every combination of dimension values seen. */
export const METRIC_BUDGET_DOLLARS = 400;

/** The metrics of an environment with so many workflows. */
export function metricBill(workflows: number): Billed {
  // Beside the names: `other` and `none`.
  const functions = ALL_FUNCTIONS.length + WATCH_FUNCTIONS.length;
  return billed({ workflow: workflows + 2, actor_role: ASKING_ROLES + 2 }, functions);
}

/** Throws when they would cost more than `budget` dollars a month. */
export function checkMetricBill(scope: Construct, workflows: number, budget = METRIC_BUDGET_DOLLARS): Billed {
  const bill = metricBill(workflows);
  const text = `CloudWatch metrics of our own: at most ${bill.series}, $${bill.dollars_a_month} a month (budget $${budget})`;
  if (bill.dollars_a_month > budget)
    throw new Error(`${text}: emit fewer dimensions in src/watch/metrics/cloudwatch.ts`);
  Annotations.of(scope).addInfoV2('chancery:metric-bill', text);
  return bill;
}
