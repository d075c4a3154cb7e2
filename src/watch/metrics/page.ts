/** The reference page of all metrics, made from the catalogue. */
import { CATALOGUE, METRIC_NAMES, type MetricName, PREFIX } from '../../catalogue/catalogue.ts';
import { type Family, type Label, seriesBudget } from '../../catalogue/family.ts';
import { cloudwatchName, dimensionSets, ENVIRONMENT, NAMESPACE } from './cloudwatch.ts';
import { familyOf } from './delta.ts';

const SOURCES: Readonly<Record<Family['source'], string>> = {
  ledger: 'ledger: folded from signed records; `chancery metrics verify` recomputes it',
  process: 'process: measured in a process, unsigned',
  aws: 'aws: what AWS publishes, of the last full period',
};

export function metricsPage(): string {
  return `${HEAD}\n${METRIC_NAMES.map(section).join('\n')}`;
}

const HEAD = `# Metrics

Generated from \`src/catalogue/catalogue.ts\` by \`npm run generate\`; a test fails when this page is out of date.

Every name begins with \`${PREFIX}\`. Durations are in seconds, sizes in bytes. \`GET /metrics\` (scope
\`metrics:read\`) answers in the Prometheus text format 0.0.4, or in OpenMetrics 1.0 with exemplars when the
\`Accept\` header asks for it.

- **Source** \`ledger\` means that the figure is a fold over signed records: \`chancery metrics verify\` replays the
  ledger and compares every counter and bucket. \`process\` figures are operational.
- **Labels**: where a label lists its values, there are no others. A label that is drawn from outside admits a
  fixed number of values, decided when a record is appended; later values are \`other\` and are counted in
  \`${PREFIX}label_overflow_total\`. A value that does not apply is \`none\`. Users are never a label.
- **Series budget** is the most series that the family can ever have.
- **Retention**: the counters themselves are kept for ever and can be rebuilt from the ledger. Samples are kept by
  whoever scrapes: Managed Prometheus 150 days in production and 30 elsewhere, CloudWatch 15 months.
- **Section** is the section of the requirements that a family belongs to, where it is not section 7 alone.
`;

function section(metric: MetricName): string {
  const family = familyOf(metric);
  const rows = [
    `| type | ${family.type}${family.unit === '' ? '' : `, ${family.unit}`} |`,
    `| source | ${SOURCES[family.source]} |`,
    ...(family.since === '' ? [] : [`| section | ${family.since} |`]),
    ...Object.entries(family.labels).map(([name, label]) => `| label \`${name}\` | ${labelText(label)} |`),
    ...(family.buckets.length === 0 ? [] : [`| buckets | ${family.buckets.join(', ')} |`]),
    `| series budget | ${seriesBudget(family)}${family.type === 'histogram' ? ` × ${family.buckets.length + 3}` : ''} |`,
    `| query | \`${exampleQuery(metric)}\` |`,
    ...cloudwatchRow(metric),
  ];
  return `## ${PREFIX}${metric}\n\n${family.help}\n\n| | |\n|---|---|\n${rows.join('\n')}\n`;
}

const labelText = (label: Label): string =>
  'values' in label
    ? label.values.map((value) => `\`${value}\``).join(', ')
    : `${label.from}${label.max === 1 ? '' : `, at most ${label.max}`}`;

/** One query a family: what somebody would ask of it first. */
export function exampleQuery(metric: MetricName): string {
  const family = CATALOGUE[metric];
  const [label] = Object.keys(family.labels);
  const by = label === undefined ? '' : ` by (${label})`;
  const name = PREFIX + metric;
  switch (family.type) {
    case 'counter':
      return `sum${by} (rate(${name}[5m]))`;
    case 'gauge':
      return label === undefined ? name : `max${by} (${name})`;
    case 'histogram':
      return `histogram_quantile(0.95, sum by (le) (rate(${name}_bucket[5m])))`;
  }
}

function cloudwatchRow(metric: MetricName): string[] {
  const sets = dimensionSets(metric);
  if (sets.length === 0) return [];
  const shown = sets.map((set) => [ENVIRONMENT, ...set].join(' × '));
  return [`| CloudWatch | \`${NAMESPACE}\` / \`${cloudwatchName(metric)}\` by ${shown.join('; ')} |`];
}
