/** What a scrape sees: the counters as they are now, and the gauges that are worked out on the spot. */

import { together } from '../../basics/together.ts';
import type { GaugeName, LabelsOf } from '../../catalogue/catalogue.ts';
import type { Clock } from '../../ports.ts';
import type { Accumulators } from './accumulators.ts';
import { labelValues } from './delta.ts';
import type { ProcessMeter } from './meter.ts';
import type { Projector } from './project.ts';
import { type PageFormat, type Reading, render } from './render.ts';

export interface ExpositionDeps {
  readonly projector: Projector;
  readonly clock: Clock;
  /** Gauges read at every scrape. They replace stored series of the same metric. */
  readonly readings: () => Promise<readonly Reading[]>;
  /**
   * `fold`: this process holds the ledger's end and its own meter, and shows both up to the moment (local).
   * `stored`: it shows what the projector stored, at most `max_age_ms` old (the observe function).
   */
  readonly mode:
    | { readonly kind: 'fold'; readonly meter: ProcessMeter }
    | { readonly kind: 'stored'; readonly max_age_ms: number };
}

export interface Exposition {
  render(format: PageFormat): Promise<string>;
  /** The counters for readers other than a scrape: SLOs, remote write, reports. */
  snapshot(): Promise<{ readonly state: Accumulators; readonly readings: readonly Reading[] }>;
}

export const reading = <M extends GaugeName>(metric: M, labels: LabelsOf<M>, value: number): Reading => ({
  metric,
  labels: labelValues(metric, labels),
  value,
});

export function createExposition({ projector, clock, readings, mode }: ExpositionDeps): Exposition {
  let loaded = Number.NEGATIVE_INFINITY;

  /** Each look is stored, one after the other: whoever looks at the same time looks together. */
  const refresh = together(async () => {
    if (mode.kind === 'fold') {
      await projector.catchUp('busy');
      await projector.absorb(mode.meter.drain());
    } else if (clock() - loaded >= mode.max_age_ms) {
      await projector.reload();
      loaded = clock();
    }
  });

  async function snapshot() {
    await refresh();
    const read = await readings();
    const lag = reading('metrics_projection_lag_seconds', {}, projector.lag());
    return { state: projector.state(), readings: [...read, lag] };
  }

  return {
    snapshot,
    async render(format) {
      const { state, readings: read } = await snapshot();
      return render(state, read, format);
    },
  };
}
