/**
 * The four figures of software delivery (dora.dev, "Software delivery performance metrics") from the ledger's
 * `deployment.recorded` records: deployment frequency, lead time for changes, change failure rate, time to restore.
 */
import type { JsonObject } from '../../json.ts';
import type { DeploymentResult } from '../../terms.ts';

/** `data` of `deployment.recorded`. */
export type DeploymentData = {
  deployment_id: string;
  environment: string;
  version: string;
  commit: string;
  result: DeploymentResult;
  /** Microseconds from commit to deployment. */
  lead_time_us?: number;
  /** The failed deployment that this one made good, and how long that took. */
  restores?: string;
  restore_us?: number;
};

export interface DoraReport {
  readonly from: string;
  readonly to: string;
  readonly deployments: number;
  readonly deployments_per_day: number;
  /** Median; null when no deployment said it. */
  readonly lead_time_seconds: number | null;
  /** Share of deployments that failed or were rolled back; null without deployments. */
  readonly change_failure_rate: number | null;
  readonly time_to_restore_seconds: number | null;
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? 0) + high) / 2;
}

const numbers = (records: readonly JsonObject[], field: string): number[] =>
  records.flatMap((record) => {
    const value = record[field];
    return typeof value === 'number' ? [value / 1e6] : [];
  });

/** `records` are the `data` of the records between the two times (RFC 3339). */
export function doraReport(records: readonly JsonObject[], from: string, to: string): DoraReport {
  const days = Math.max((Date.parse(to) - Date.parse(from)) / 86_400_000, 1e-9);
  const failed = records.filter((record) => record.result !== 'success').length;
  return {
    from,
    to,
    deployments: records.length,
    deployments_per_day: records.length / days,
    lead_time_seconds: median(numbers(records, 'lead_time_us')),
    change_failure_rate: records.length === 0 ? null : failed / records.length,
    time_to_restore_seconds: median(numbers(records, 'restore_us')),
  };
}
