/** What a process need not measure: figures for whoever tunes it, which no alert and no service level reads. */
import type { MetricName } from '../../catalogue/catalogue.ts';
import type { ProcessMeter } from './meter.ts';

export const DETAIL = [
  'http_response_size_bytes',
  'store_operation_duration_seconds',
  'cache_items',
  'cache_size_bytes',
] as const satisfies readonly MetricName[];

const isDetail = (metric: MetricName): boolean => DETAIL.some((name) => name === metric);

/** The same meter, deaf to detail. */
export function withoutDetail(meter: ProcessMeter): ProcessMeter {
  return {
    ...meter,
    count(metric, labels, by) {
      if (!isDetail(metric)) meter.count(metric, labels, by);
    },
    observe(metric, labels, value, trace) {
      if (!isDetail(metric)) meter.observe(metric, labels, value, trace);
    },
    set(metric, labels, value) {
      if (!isDetail(metric)) meter.set(metric, labels, value);
    },
  };
}
