/**
 * What grafana/dashboard-linter is told to leave out, and why: the file `.lint` beside the dashboards.
 */
import { DASHBOARDS } from './all.ts';
import type { Panel } from './panel.ts';

interface Exclusion {
  readonly reason: string;
  readonly entries?: readonly { readonly dashboard: string; readonly panel: string }[];
}

const PUSHED = {
  reason: 'Figures are folded from the ledger and pushed: they belong to no scraped job or instance.',
};

/** Kinds whose queries the linter looks into. */
const JUDGED: ReadonlySet<Panel['kind']> = new Set(['timeseries', 'bars', 'stat', 'gauge', 'table']);

const panels = (which: (panel: Panel) => boolean) =>
  DASHBOARDS.flatMap((dashboard) =>
    dashboard.panels.filter(which).map((panel) => ({ dashboard: dashboard.title, panel: panel.title })),
  );

export const LINT_EXCLUSIONS: { readonly exclusions: Readonly<Record<string, Exclusion>> } = {
  exclusions: {
    'template-job-rule': PUSHED,
    'template-instance-rule': PUSHED,
    'target-job-rule': PUSHED,
    'target-instance-rule': PUSHED,
    'target-promql-rule': {
      reason:
        'The linter reads every panel of a dashboard as PromQL whose first data source is a Prometheus; these ask CloudWatch.',
      entries: panels((panel) => panel.queries.length === 0 && JUDGED.has(panel.kind)),
    },
    'target-counter-agg-rule': {
      reason:
        'A series that begins within the range counts from its first sample, which increase() leaves out: the panel adds it. Tampering is counted since the ledger began.',
      entries: panels((panel) =>
        [
          'Busiest workflows',
          'Busiest tools',
          'Calls by tool',
          'Change failure rate',
          'Definitions nobody has reviewed',
          'Suspicious activity',
          'Tamper events',
        ].includes(panel.title),
      ),
    },
  },
};
