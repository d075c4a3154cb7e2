import { expect, it } from 'vitest';
import { PREFIX } from '../../src/catalogue/catalogue.ts';
import { PROMETHEUS_ALERTS } from '../../src/watch/alerts/rules/rules.ts';
import { DETAIL, withoutDetail } from '../../src/watch/metrics/detail.ts';
import { createMeter } from '../../src/watch/metrics/meter.ts';
import { sloRuleGroups } from '../../src/watch/slo/prometheus.ts';

it('leaves out detail and nothing else', () => {
  let now = 10_000;
  const meter = withoutDetail(createMeter(() => now));
  meter.set('cache_items', { cache: 'tokens' }, 3);
  meter.observe('store_operation_duration_seconds', { operation: 'get' }, 1);
  expect(meter.ride()).toBeUndefined();
  now += 10_000;
  meter.count('cache_hits_total', { cache: 'tokens' });
  expect(meter.ride()).toContain('cache_hits_total');
});

it('is nothing that an alert or a service level reads', () => {
  const read = JSON.stringify([PROMETHEUS_ALERTS, sloRuleGroups()]);
  for (const name of DETAIL) expect(read, name).not.toContain(PREFIX + name);
});
