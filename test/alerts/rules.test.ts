import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, isMetricName, METRIC_NAMES } from '../../src/catalogue/catalogue.ts';
import { ampGroups, duration, ruleGroups, rulesYaml } from '../../src/watch/alerts/publish/render-rules.ts';
import { anchorOf } from '../../src/watch/alerts/publish/runbook.ts';
import { SCRAPED } from '../../src/watch/alerts/rules/drill-cases.ts';
import { channelOf } from '../../src/watch/alerts/rules/rule.ts';
import { ALERTS, alertNamed, PROMETHEUS_ALERTS } from '../../src/watch/alerts/rules/rules.ts';
import { cloudwatchName, dimensionSets, NAMESPACE } from '../../src/watch/metrics/cloudwatch.ts';
import { SLO_ALERTS } from '../../src/watch/slo/prometheus.ts';
import { metricsIn, syntaxErrors } from '../support/promql.ts';

const familyOf = (series: string): string =>
  isMetricName(series) ? series : series.replace(/_(bucket|sum|count)$/, '');

describe('the declared alerts', () => {
  it('have unique names, which are unique anchors too', () => {
    expect(new Set(ALERTS.map((rule) => anchorOf(rule.name))).size).toBe(ALERTS.length);
  });

  it('cover every group', () => {
    const counts = Object.groupBy(ALERTS, (rule) => rule.group);
    expect(Object.keys(counts).sort()).toEqual([
      'business',
      'charter',
      'gateway',
      'infrastructure',
      'ledger',
      'security',
    ]);
  });

  it.each(PROMETHEUS_ALERTS.map((rule) => [rule.name, rule] as const))(
    '%s is well-formed PromQL on metrics that exist',
    (_, rule) => {
      expect(syntaxErrors(rule.expr)).toEqual([]);
      for (const name of metricsIn(rule.expr)) expect(METRIC_NAMES).toContain(familyOf(name));
    },
  );

  it('are checked by a grammar that refuses what is not PromQL', () => {
    expect(syntaxErrors('sum by (le (rate(x[5m])) > 1')).not.toEqual([]);
  });

  it('cut histograms at bucket bounds, where a quantile is exact', () => {
    const quantiles = PROMETHEUS_ALERTS.filter((rule) => rule.expr.startsWith('histogram_quantile'));
    expect(quantiles.length).toBeGreaterThan(5);
    for (const rule of quantiles) {
      const name = familyOf(metricsIn(rule.expr)[0] ?? '');
      const buckets = isMetricName(name) ? CATALOGUE[name].buckets : [];
      expect(buckets, `${rule.name} on ${name}`).toContain(rule.threshold);
    }
  });

  it('have drills that feed every metric of their expression', () => {
    for (const rule of PROMETHEUS_ALERTS) {
      const fed = new Set(
        [...rule.drill.feeds, SCRAPED].flatMap((feed) => metricsIn(feed.series).map(familyOf)),
      );
      for (const name of metricsIn(rule.expr)) expect(fed, rule.name).toContain(familyOf(name));
    }
  });

  it('say in the description what the limit is or what was counted', () => {
    for (const rule of PROMETHEUS_ALERTS) {
      expect(rule.description, rule.name).toMatch(/\{\{|minute|canary/);
      expect(rule.summary.length, rule.name).toBeLessThan(100);
    }
  });

  it('name in CloudWatch only what we emit or AWS publishes', () => {
    const own = new Map(METRIC_NAMES.map((name) => [cloudwatchName(name), name]));
    for (const rule of ALERTS) {
      for (const metric of rule.aws?.metrics ?? []) {
        if (metric.namespace !== NAMESPACE) {
          expect(metric.namespace).toMatch(/^(AWS\/(Lambda|ApiGateway|DynamoDB|SQS)|LambdaInsights)$/);
          continue;
        }
        const name = own.get(metric.metric) ?? '';
        const sets = dimensionSets(name).map((set) => [...set].sort().join());
        expect(sets, rule.name).toContain(
          Object.keys(metric.dimensions ?? {})
            .sort()
            .join(),
        );
      }
    }
  });

  it('are looked up by name, and unknown names are unknown', () => {
    expect(alertNamed('ServiceDown')?.severity).toBe('critical');
    expect(alertNamed('SomebodyElses')).toBeUndefined();
  });
});

describe('routing by group and severity', () => {
  it.each([
    ['charter', 'critical', 'violations'],
    ['security', 'warning', 'violations'],
    ['ledger', 'critical', 'violations'],
    ['gateway', 'critical', 'performance'],
    ['slo', 'warning', 'performance'],
    ['business', 'warning', 'performance'],
    ['infrastructure', 'critical', 'debug'],
    ['security', 'info', 'debug'],
  ] as const)('%s at %s goes to %s', (group, severity, channel) => {
    expect(channelOf(group, severity)).toBe(channel);
  });
});

describe('the runbook', () => {
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  const sections = runbook
    .split(/^## /m)
    .slice(1)
    .map((text) => ({ name: text.slice(0, text.indexOf('\n')), text }));

  it('has a section for every alert', () => {
    const names = new Set(sections.map((section) => section.name));
    for (const rule of ALERTS) expect(names).toContain(rule.name);
    for (const name of SLO_ALERTS) expect(names).toContain(name);
  });

  it('has no section without an alert', () => {
    const declared = new Set<string>([...ALERTS.map((rule) => rule.name), ...SLO_ALERTS]);
    expect(sections.map((section) => section.name).filter((name) => !declared.has(name))).toEqual([]);
  });

  it('describes, investigates and resolves in every section', () => {
    for (const { name, text } of sections) {
      for (const part of ['Description', 'Investigation', 'Resolution']) {
        expect(text, name).toMatch(new RegExp(`\\*\\*${part}\\.\\*\\* \\S`));
      }
    }
  });

  it('links only to sections that exist', () => {
    const anchors = new Set(sections.map((section) => anchorOf(section.name)));
    for (const [, anchor] of runbook.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
  });
});

describe('rule files', () => {
  it('write durations as Prometheus reads them', () => {
    expect([duration(30), duration(300), duration(1800), duration(7200), duration(90)]).toEqual([
      '30s',
      '5m',
      '30m',
      '2h',
      '90s',
    ]);
  });

  it('leave out of Managed Prometheus what only a local machine has', () => {
    const names = ampGroups(ruleGroups()).flatMap((group) =>
      group.rules.map((rule) => 'alert' in rule && rule.alert),
    );
    expect(names).not.toContain('DiskSpaceLow');
    expect(names).toHaveLength(PROMETHEUS_ALERTS.length - 1);
  });

  it('fit the limits of Managed Prometheus on names and size', () => {
    const groups = ampGroups(ruleGroups());
    for (const group of groups) expect(Buffer.byteLength(`chancery${group.name}`)).toBeLessThanOrEqual(721);
    expect(Buffer.byteLength(rulesYaml(groups))).toBeLessThan(1_000_000);
  });

  it('carry the docs address of the deployment', () => {
    expect(rulesYaml(ruleGroups('https://docs.internal.test'))).toContain(
      'runbook_url: https://docs.internal.test/runbook.md#servicedown',
    );
  });
});
