/** The objectives as OpenSLO v1 documents, for tools that read those. Zero tolerance has no budget and no document. */
import { stringify } from 'yaml';
import { PREFIX } from '../../catalogue/catalogue.ts';
import { objectiveText } from './prometheus.ts';
import { burns, SLOS, type Slo, type Where } from './slos.ts';

/** Path → YAML, one file per objective. */
export function openSloFiles(): Map<string, string> {
  return new Map(
    SLOS.filter(burns).map((slo) => [
      `monitoring/openslo/${slo.id}.yaml`,
      stringify(openSlo(slo), { lineWidth: 0 }),
    ]),
  );
}

export function openSlo(slo: Slo) {
  return {
    apiVersion: 'openslo/v1',
    kind: 'SLO',
    metadata: { name: slo.id.replaceAll('_', '-'), displayName: slo.title },
    spec: {
      description: `${slo.description} Objective: ${objectiveText(slo)}.`,
      service: 'chancery',
      indicator: {
        metadata: { name: `${slo.id.replaceAll('_', '-')}-indicator` },
        spec: { ratioMetric: ratio(slo) },
      },
      timeWindow: [{ duration: `${slo.window_days}d`, isRolling: true }],
      budgetingMethod: 'Occurrences',
      objectives: [{ displayName: slo.title, target: slo.target }],
    },
  };
}

function ratio({ indicator, id }: Slo) {
  const source = (query: string) => ({ metricSource: { type: 'Prometheus', spec: { query } } });
  switch (indicator.kind) {
    case 'counters': {
      const name = PREFIX + indicator.total;
      return {
        counter: true,
        bad: source(`sum(${name}${matchers(indicator.bad)})`),
        total: source(`sum(${name})`),
      };
    }
    case 'latency': {
      const name = PREFIX + indicator.histogram;
      const le = Number.isInteger(indicator.seconds)
        ? `${indicator.seconds}(\\\\.0)?`
        : String(indicator.seconds).replace('.', '\\\\.');
      return {
        counter: true,
        good: source(`sum(${name}_bucket{le=~"${le}"})`),
        total: source(`sum(${name}_count)`),
      };
    }
    case 'gauge':
      return {
        counter: false,
        bad: source(`max(${PREFIX}${indicator.gauge}) > bool ${indicator.limit}`),
        total: source(`count(max(${PREFIX}${indicator.gauge}))`),
      };
    case 'never':
      throw new TypeError(`${id} has no ratio`);
  }
}

const matchers = (where: Where): string => {
  const parts = Object.entries(where).map(([label, values]) => `${label}=~"${values.join('|')}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
};
