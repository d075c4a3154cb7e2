/** What a scrape of a running system shows, and sums over it. */

import { openLedgerFile } from '../../adapters/local/ledger-file.ts';
import { parseExposition, type Sample } from '../../cli/exposition.ts';
import { dataPaths } from '../../local/stores.ts';
import { CATALOGUE, METRIC_NAMES, type MetricName, PREFIX } from '../../src/catalogue/catalogue.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { tailOf } from '../../src/watch/metrics/tail.ts';
import type { TestRuntime } from '../runtime/support.ts';

const SRE = { sub: 'sam', name: 'Sam Sre', roles: ['sre', 'auditor', 'system_monitor'] };

export async function scrape(world: TestRuntime): Promise<Sample[]> {
  return parseExposition((await world.call('GET', '/metrics', { token: await world.token(SRE) })).text);
}

/** Sum over the series whose labels match. */
export const total = (
  samples: readonly Sample[],
  name: string,
  where: Readonly<Record<string, string>> = {},
): number =>
  samples
    .filter(
      (sample) =>
        sample.name === PREFIX + name &&
        Object.entries(where).every(([label, value]) => sample.labels[label] === value),
    )
    .reduce((sum, { value }) => sum + value, 0);

/** Families that moved: counters and histograms that counted, gauges that somebody set to something. */
export const movedIn = (samples: readonly Sample[]): MetricName[] =>
  METRIC_NAMES.filter((name) => {
    const shown = CATALOGUE[name].type === 'histogram' ? `${PREFIX}${name}_count` : PREFIX + name;
    return samples.some((sample) => sample.name === shown && sample.value !== 0);
  });

/** Every record of a runtime's ledger, straight from its file. */
export async function recordsOf(folder: string): Promise<LedgerRecord[]> {
  const file = openLedgerFile(dataPaths(folder).table);
  try {
    const tail = tailOf(file);
    const lanes = await tail.lanes(0);
    const read = await Promise.all(lanes.map((lane) => tail.read(lane, 0, 10_000)));
    return read.flatMap(({ entries }) => entries).map(({ record }) => record);
  } finally {
    file.close();
  }
}
