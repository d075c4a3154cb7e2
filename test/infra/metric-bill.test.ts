import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { checkMetricBill, METRIC_BUDGET_DOLLARS } from '../../lib/metric-bill.ts';

describe('the bill of our CloudWatch metrics', () => {
  it('is shown at synthesis and within the budget for the shipped workflows', () => {
    const stack = new Stack(new App(), 'watch');
    const bill = checkMetricBill(stack, 4);
    expect(bill.dollars_a_month).toBeLessThan(METRIC_BUDGET_DOLLARS);
    Annotations.fromStack(stack).hasInfo(
      '*',
      Match.stringLikeRegexp(`at most ${bill.series}, \\$${bill.dollars_a_month} a month`),
    );
  });

  it('fails the synthesis when it is over the budget', () => {
    expect(() => checkMetricBill(new Stack(new App(), 'watch'), 40)).toThrow(/emit fewer dimensions/);
  });
});
